import type { BanyanError } from '../kernel/index.ts'
import type { MessageProblem } from './leased-message.ts'

/** An error as it is kept with its message, for operators. */
export function problemOf(error: BanyanError): MessageProblem {
  const cause = error.cause instanceof Error ? error.cause : undefined
  return {
    code: error.code,
    message: error.message.slice(0, 2_000),
    stack: (cause?.stack ?? error.stack)?.slice(0, 8_000),
    cause: cause?.message.slice(0, 2_000),
  }
}
