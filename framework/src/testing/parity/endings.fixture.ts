import { type Ending, store } from './contracts.fixture.ts'

/** The details of the richest failure. */
export const soldOutDetails = {
  sku: 'Stiefel "7"\u2028',
  left: -(2n ** 70n),
  at: new Date('2026-02-03T04:05:06.007Z'),
  byShop: new Map([['Nord', 3n]]),
  tags: new Set(['a', 'ß']),
  seal: new Uint8Array([0, 255, 10]),
}

/** What must never leave the instance. */
export const secret = 'password=hunter2'

/** Ends a handler as its input wishes. */
export function endAs({ ending, label }: Ending): { count: number } {
  switch (ending) {
    case 'soldOut':
      throw store.failures.soldOut(soldOutDetails)
    case 'notThere':
      throw store.failures.notThere({ label })
    case 'tooMany':
      throw store.failures.tooMany({ limit: 3 })
    case 'closed':
      throw store.failures.closed({})
    case 'notAllowed':
      throw store.failures.notAllowed({ label })
    case 'badWish':
      throw store.failures.badWish({ label })
    case 'undeclared':
      throw store.failures.undeclared({})
    case 'badDetails':
      throw store.failures.notThere({ label: JSON.parse('7') as string })
    case 'bug':
      throw new TypeError(`${secret} is not a function`)
    case 'text':
      throw anything(secret)
    case 'nothing':
      throw anything(undefined)
    case 'badOutput':
      return { count: 10 }
    case 'noOutput':
      return JSON.parse('null') as { count: number }
  }
}

/** Careless code throws what is no error. */
function anything(value: unknown): unknown {
  return value
}
