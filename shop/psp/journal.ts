import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Payment } from './payment.ts'

/** One effect: what was asked under which key, and the payment that came of it. */
export interface Fact {
  readonly key: string
  readonly fingerprint: string
  readonly status: number
  readonly payment: Payment
}

/** Where the provider remembers its effects. */
export interface Journal {
  append(fact: Fact): void
  close(): void
}

/** A journal that forgets with the process. */
export const memoryJournal: Journal = { append: () => {}, close: () => {} }

/** Opens an NDJSON file that outlives the process (kill -9 included, power loss not), and hands what
 *  it holds to `replay`. A last line without an end was never answered and is dropped. */
export function openJournal(path: string, replay: (fact: Fact) => void): Journal {
  mkdirSync(dirname(path), { recursive: true })
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  for (const line of whole.split('\n').slice(0, -1)) replay(JSON.parse(line, reviveAmounts))
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole))
  const file = openSync(path, 'a', 0o600)
  return {
    append: (fact) => void writeSync(file, `${JSON.stringify(fact, writeAmounts)}\n`),
    close: () => closeSync(file),
  }
}

function writeAmounts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function reviveAmounts(key: string, value: unknown): unknown {
  return key.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value
}
