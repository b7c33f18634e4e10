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
  /** A named step of a saga: run once, recorded, and answered from the record at every later run of
   *  the message. A crash between the end of `run` and its record repeats it, so give what it calls a
   *  key (calls to other modules get one that belongs to the step).
   *  @param name  unique in the saga
   *  @param options.undo  run, in reverse order of the steps, when the saga fails for good
   *  @throws what `run` threw; MESSAGES_STEP_DUPLICATE */
  step<Result>(
    name: string,
    run: () => Promise<Result>,
    options?: { readonly undo?: (result: Result) => Promise<void> },
  ): Promise<Result>
  /** Ends this run; the saga goes on at this place when the time has passed, by the database's clock,
   *  wherever a worker is free. No process waits meanwhile. */
  sleep(name: string, durationMs: number): Promise<void>
  /** Ends this run until an event with this key is heard; then the saga goes on with its payload, or with
   *  undefined when `timeoutMs` has passed first. Events that came before are found, back to the
   *  saga's begin. The module must subscribe to the event. */
  waitFor<Payload extends z.ZodType>(
    name: string,
    event: NamedEvent<Event<Payload>>,
    options: { readonly key: string; readonly timeoutMs: number },
  ): Promise<z.output<Payload> | undefined>
}
