import { filesUnavailable } from '../../files/index.ts'
import type { Clock } from '../../kernel/index.ts'
import { failedByError } from './failed-attempt.ts'
import type { S3Answer } from './s3-request.ts'

/** What reading an answer's content depends on. */
export interface AnswerReading {
  readonly key: string
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Longest wait for one part. */
  readonly silenceMsMax: number
}

/** The parts of an answer's content. It is not resumed: a connection that breaks ends the read.
 *  @throws FILES_UNAVAILABLE · the signal's reason */
export async function* readAnswer(
  answer: S3Answer,
  { key, signal, clock, silenceMsMax }: AnswerReading,
): AsyncGenerator<Uint8Array> {
  const { body } = answer.response
  if (body === null) return
  const reader = body.getReader()
  try {
    while (true) {
      const timer = clock.after(silenceMsMax, answer.abandon)
      const next = await reader.read().finally(() => timer.stop())
      if (next.done) return
      yield next.value
    }
  } catch (error) {
    signal.throwIfAborted()
    const { cause } = failedByError(error)
    throw filesUnavailable({ operation: 'get', key, cause }, { cause: error })
  }
}
