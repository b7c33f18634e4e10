import { z } from 'zod'

/** The currencies that the shop keeps books in. */
export const currencies = ['EUR', 'GBP', 'USD'] as const
export type Currency = (typeof currencies)[number]

export const currencySchema = z.enum(currencies)

/** An amount in minor units (cents) of one currency; negative where money flows back. */
export const moneySchema = z.object({ amountMinor: z.bigint(), currency: currencySchema })

export interface Money {
  readonly amountMinor: bigint
  readonly currency: Currency
}

/** Makes an amount. */
export function money(amountMinor: bigint, currency: Currency): Money {
  return { amountMinor, currency }
}

/** The sum of two amounts. @throws MixedCurrencies */
export function addMoney(left: Money, right: Money): Money {
  assertSameCurrency(left, right)
  return money(left.amountMinor + right.amountMinor, left.currency)
}

/** `count` times an amount; `count` is whole. */
export function multiplyMoney(amount: Money, count: number): Money {
  return money(amount.amountMinor * BigInt(count), amount.currency)
}

/** The same amount in the other direction. */
export function negateMoney(amount: Money): Money {
  return money(-amount.amountMinor, amount.currency)
}

/** The sum of a list. `currency` is that of an empty sum. @throws MixedCurrencies */
export function sumMoney(amounts: readonly Money[], currency: Currency): Money {
  return amounts.reduce<Money>(addMoney, money(0n, currency))
}

/** Whether the amounts can be added up: they are all of one currency. */
export function canSum(amounts: readonly Money[]): boolean {
  return amounts.every(({ currency }) => currency === amounts[0]?.currency)
}

/** Whether two amounts are the same, currency included. */
export function equalMoney(left: Money, right: Money): boolean {
  return left.currency === right.currency && left.amountMinor === right.amountMinor
}

/** An amount for people, the same everywhere and for ever: `-1,234.50 EUR`. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(3, '0')
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  return `${amountMinor < 0n ? '-' : ''}${whole}.${digits.slice(-2)} ${currency}`
}

/** Amounts of different currencies were about to be added. */
export class MixedCurrencies extends Error {
  constructor(left: Currency, right: Currency) {
    super(`${left} and ${right} cannot be added: convert one of them first`)
    this.name = 'MixedCurrencies'
  }
}

function assertSameCurrency(left: Money, right: Money): void {
  if (left.currency !== right.currency) throw new MixedCurrencies(left.currency, right.currency)
}
