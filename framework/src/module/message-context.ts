import type { z } from 'zod'
import type { Event, NamedEvent } from '../contract/index.ts'
import type { AnyContract, CommandContext } from './context.ts'
import type { MailSender } from './mail.ts'

/** The message that is being worked on. */
export interface CurrentMessage {
  /** UUIDv7, the same at every attempt; also the key under which its transactions happen once. */
  readonly id: string
  /** `orders.paid` for an event, `notifications.jobs.sendConfirmation` for a job. */
  readonly name: string
  /** Of the event, or of the job's steps. */
  readonly version: number
  /** Messages with one key are worked on in order. */
  readonly key: string | undefined
  /** 1 at the first attempt. */
  readonly attempt: number
  /** When it was published or enqueued, by the database's clock. */
  readonly createdAtMs: number
}

/** What work on a message may do: all that a command may, and what takes longer than one run.
 *  Its transactions happen once per message, and only while this process holds the message: one that
 *  lost it (it was silent for too long) cannot commit any more. */
export interface MessageContext<Source, Uses extends readonly AnyContract[], Config>
  extends CommandContext<Source, Uses, Config> {
  readonly message: CurrentMessage
  /** Sends mail. Requires the module's grant `'mail'`. */
  readonly mail: MailSender
  /** Says how far the work is, 0 to 1; seen by operators, at most once a second. */
  progress(fraction: number, note?: string): void
  /** A named step of a saga: run once, recorded, and answered from its record at every later run of
   *  the message. A crash between the end of `run` and the record repeats it; its transactions and its calls
   *  to other modules then happen once all the same, as their keys belong to the step. Steps may run beside
   *  each other; they do not nest, and are not begun inside of transactions.
   *  @param name  unique in the saga, 1 to 100 printable characters
   *  @param run  gives plain data, at most 256 KiB of it
   *  @param options.undo  run when the saga fails for good, in reverse order of the steps
   *  @throws what `run` threw · MESSAGES_STEP_DUPLICATE · MESSAGES_STEP_INVALID ·
   *    MESSAGES_STEP_TOO_LARGE · MESSAGES_STEPS_EXHAUSTED · MESSAGES_LEASE_LOST
   *  Cost: 1 round trip and a commit, both shared with steps of other sagas that end in the same moment.
   *  Limits: 1,000 steps, sleeps and waits in one saga. */
  step<Result>(
    name: string,
    run: () => Promise<Result>,
    options?: { readonly undo?: (result: Result) => Promise<void> },
  ): Promise<Result>
  /** Ends this run; the saga goes on at this place when the time has passed, by the database's clock,
   *  wherever a worker is free. No process waits meanwhile, and no code after it is run, also not in a
   *  `finally`.
   *  @param name  unique in the saga, as of steps
   *  @param durationMs  0 to 366 days, counted from the first time that it is asked for */
  sleep(name: string, durationMs: number): Promise<void>
  /** Ends this run until an event with this key is heard; then the saga goes on with its payload, or with
   *  undefined when `timeoutMs` has passed first. An event answers one wait of a saga; those that came
   *  before are found, back to the saga's begin and at most 7 days. The module declares the event under
   *  `messages`: `awaited(event)`, or `on(event, run, { isAwaited: true })`.
   *  @param name  unique in the saga, as of steps
   *  @param options.timeoutMs  0 to 366 days
   *  @throws MESSAGES_STEP_INVALID (not declared) */
  waitFor<Payload extends z.ZodType>(
    name: string,
    event: NamedEvent<Event<Payload>>,
    options: { readonly key: string; readonly timeoutMs: number },
  ): Promise<z.output<Payload> | undefined>
}
