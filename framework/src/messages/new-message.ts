import type { CarriedMessage } from './message.ts'

/** A message that is about to be written, with what a queue must know of it. */
export interface NewMessage extends CarriedMessage {
  /** Name of the queue, for a job: `jobs.sendConfirmation`. */
  readonly queue: string
  readonly priority: number
  readonly delayMs: number
  readonly unique: string | undefined
}
