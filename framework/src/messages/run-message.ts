import { type CompiledCalls, performWork } from '../call/index.ts'
import { asBanyanError, type BanyanError, type Random, type Trace } from '../kernel/index.ts'
import {
  messagesCancelled,
  messagesLeaseLost,
  messagesPayloadUnreadable,
  messagesStopped,
} from './errors.ts'
import type { LeasedMessage, MessageProblem, Outcome } from './leased-message.ts'
import type { MessageHeaders } from './message.ts'
import { MessageHandlerContext } from './message-handler-context.ts'
import type { Queue } from './queue.ts'

/** Switches that only negative controls of tests turn off. */
export interface Safety {
  /** Transactions are refused to who lost the lease. */
  readonly fencing: boolean
  /** The transactions of a message happen once. */
  readonly inbox: boolean
}

export interface RunParts {
  readonly calls: CompiledCalls
  readonly random: Random
  readonly safety: Safety
  readonly leaseMs: number
  /** Told of each context, so that it can be cancelled when the lease is lost. */
  began(message: LeasedMessage, context: MessageHandlerContext): void
}

/** Runs one message once. Never rejects: how it ended is the outcome. */
export async function runMessage(
  queue: Queue,
  message: LeasedMessage,
  parts: RunParts,
): Promise<Outcome> {
  const payload = readPayload(queue, message)
  if (!payload.ok) return { kind: 'parked', message, problem: problemOf(payload.error) }
  try {
    await perform(queue, message, { ...parts, input: payload.value })
    return { kind: 'done', message }
  } catch (error) {
    return outcomeOf(error, queue, { message, random: parts.random })
  }
}

/** Runs a batch of one queue in one run; undefined when it failed, so that each is to be run alone. */
export async function runBatch(
  queue: Queue,
  messages: readonly LeasedMessage[],
  parts: RunParts,
): Promise<readonly Outcome[] | undefined> {
  const [first] = messages
  const payloads = messages.map((message) => readPayload(queue, message))
  if (first === undefined || payloads.some(({ ok }) => !ok)) return undefined
  const input = payloads.map((payload) => (payload.ok ? payload.value : undefined))
  try {
    await perform(queue, first, { ...parts, input, safety: { fencing: false, inbox: false } })
    return messages.map((message) => ({ kind: 'done', message }))
  } catch {
    return undefined
  }
}

async function perform(
  queue: Queue,
  message: LeasedMessage,
  { calls, input, safety, leaseMs, began }: RunParts & { readonly input: unknown },
): Promise<void> {
  let failure: unknown
  const parent = traceOf(message.headers)
  await performWork(
    calls,
    {
      ...{ module: queue.module, id: queue.id, timeoutMs: queue.timeoutMs },
      ...(safety.inbox ? { idempotencyKey: message.id } : {}),
      ...(parent === undefined ? {} : { parent }),
    },
    {
      create(...given) {
        const place = { queue, leased: message, leaseMs, isFenced: safety.fencing }
        const context = new MessageHandlerContext(given, place)
        began(message, context)
        return context
      },
      async run(context) {
        try {
          await queue.run(input, context)
        } catch (error) {
          failure = error
          throw error
        }
      },
    },
  ).catch((error: unknown) => {
    // what left the work, with its stack; the error itself when it overran or was cancelled
    throw failure ?? error
  })
}

function outcomeOf(
  error: unknown,
  queue: Queue,
  { message, random }: { readonly message: LeasedMessage; readonly random: Random },
): Outcome {
  const coded = asBanyanError(error)
  const problem = problemOf(coded)
  if (messagesCancelled.is(coded)) return { kind: 'cancelled', message, problem }
  if (messagesLeaseLost.is(coded)) return { kind: 'retry', message, delayMs: 0, problem }
  if (messagesStopped.is(coded)) return { kind: 'waiting', message, delayMs: 0, isForEvent: false }
  if (coded.kind === 'invalid' || message.attempts + 1 >= queue.attemptsMax) {
    return { kind: 'parked', message, problem }
  }
  const { firstMs, maxMs } = queue.retry
  const boundMs = Math.min(maxMs, firstMs * 2 ** message.attempts)
  return { kind: 'retry', message, delayMs: random.fraction() * boundMs, problem }
}

export function problemOf(error: BanyanError): MessageProblem {
  const cause = error.cause instanceof Error ? error.cause : undefined
  return {
    code: error.code,
    message: error.message.slice(0, 2_000),
    stack: (cause?.stack ?? error.stack)?.slice(0, 8_000),
    cause: cause?.message.slice(0, 2_000),
  }
}

type Read =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: BanyanError }

function readPayload(queue: Queue, { payload, id }: LeasedMessage): Read {
  let issues: string
  try {
    const decoded = queue.payload.decode(JSON.parse(payload))
    if (decoded.ok) return decoded
    issues = decoded.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  } catch {
    issues = 'it is not JSON'
  }
  return { ok: false, error: messagesPayloadUnreadable({ queue: queue.id, id, issues }) }
}

function traceOf(headers: string): Trace | undefined {
  try {
    const { traceId, spanId, isSampled } = JSON.parse(headers) as MessageHeaders
    return typeof traceId === 'string' && typeof spanId === 'string'
      ? { traceId, spanId, isSampled }
      : undefined
  } catch {
    return undefined
  }
}
