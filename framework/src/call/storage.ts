import type { Context } from '../kernel/index.ts'
import type { TransactionOptions } from '../module/index.ts'

/** What a call needs of the data room: one module's database. */
export interface Storage {
  reader(context: Context): unknown
  transaction<Result>(
    context: Context,
    work: (tx: never) => Promise<Result>,
    options: TransactionOptions & {
      readonly claim: Claim | undefined
      /** What the messages room adds to each attempt. */
      readonly companion?: () => object
    },
  ): Promise<Result>
}

/** Makes a transaction happen once: its result is recorded under scope, operation, key and step. */
export interface Claim {
  /** Who may use the key: `principal:<subject>` or `module:<name>`. */
  readonly scope: string
  readonly operation: string
  readonly key: string
  /** Number of the transaction within the command, from 0. */
  readonly step: number
  /** SHA-256 of the input; another input under one key is refused. */
  readonly fingerprint: Uint8Array
}
