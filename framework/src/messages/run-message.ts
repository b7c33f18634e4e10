import { type CompiledCalls, performWork } from '../call/index.ts'
import { asBanyanError, type BanyanError, type Random, type Trace } from '../kernel/index.ts'
import type { CompiledSchema } from '../schema/index.ts'
import {
  messagesCancelled,
  messagesLeaseLost,
  messagesPayloadUnreadable,
  messagesStopped,
} from './errors.ts'
import type { LeasedMessage, Outcome } from './leased-message.ts'
import type { MessageHeaders } from './message.ts'
import { MessageHandlerContext, type RunEnding } from './message-handler-context.ts'
import { problemOf } from './problem-of.ts'
import { type Queue, runOf } from './queue.ts'
import { messagesVersionUnknown } from './saga/errors.ts'
import type { SagaPlace } from './saga/open-saga.ts'
import type { SagaFailure } from './saga/saga-records.ts'
import type { SagaStore } from './saga/saga-store.ts'
import { attemptsOf, endingOf, failSaga, undoingOf } from './saga/settle-saga.ts'

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
  readonly sagas: SagaStore
  /** The events that sagas of the module may wait for, by name. */
  readonly awaited: ReadonlyMap<string, CompiledSchema>
  /** Told of each context, so that it can be cancelled when the lease is lost. */
  began(message: LeasedMessage, context: MessageHandlerContext): void
  /** Told of a message that began under a version whose code is not here. */
  versionUnknown(error: BanyanError): void
}

/** A message whose version is not known here is left to others for so long. */
const elsewhereMs = 30_000

/** Runs one message once. Never rejects: how it ended is the outcome. */
export async function runMessage(
  queue: Queue,
  message: LeasedMessage,
  parts: RunParts,
): Promise<Outcome> {
  const payload = readPayload(queue, message)
  if (!payload.ok) return { kind: 'parked', message, problem: problemOf(payload.error) }
  const run = runOf(queue, message.version)
  if (run === undefined) return elsewhere(queue, message, parts)
  const isFenced = parts.safety.fencing
  const records = queue.batchMax === undefined ? parts.sagas.of(message, { isFenced }) : undefined
  const saga = records === undefined ? undefined : { records, awaited: parts.awaited }
  const attempt = { ...parts, input: payload.value, run, saga }
  const outcome = await runOnce(queue, message, attempt)
  if (outcome.kind !== 'parked' && outcome.kind !== 'cancelled') return outcome
  if (records === undefined || outcome.problem.compensation !== undefined) return outcome
  try {
    if (!(await failSaga(records, outcome))) return outcome
  } catch (error) {
    return outcomeOf(error, queue, { message, attempts: 0, random: parts.random })
  }
  return runOnce(queue, message, attempt)
}

async function runOnce(queue: Queue, message: LeasedMessage, attempt: Attempt): Promise<Outcome> {
  let context: MessageHandlerContext | undefined
  const began = (given: LeasedMessage, made: MessageHandlerContext): void => {
    context = made
    attempt.began(given, made)
  }
  try {
    const { pause, undone } = await perform(queue, message, { ...attempt, began })
    if (undone !== undefined) return endingOf(message, undone)
    if (pause !== undefined) return { kind: 'waiting', message, ...pause }
    return { kind: 'done', message, isKept: context?.saga?.hasRecords === true }
  } catch (error) {
    const failure: SagaFailure | undefined = context?.saga?.failure
    const attempts = attemptsOf(message, failure)
    const outcome = outcomeOf(error, queue, { message, attempts, random: attempt.random })
    return failure === undefined ? outcome : undoingOf(outcome, failure)
  }
}

function elsewhere(queue: Queue, message: LeasedMessage, parts: RunParts): Outcome {
  const known = [...queue.versions.keys(), queue.version].join(', ')
  const error = messagesVersionUnknown({ queue: queue.id, version: message.version, known })
  parts.versionUnknown(error)
  return { kind: 'waiting', message, delayMs: elsewhereMs, waits: [], problem: problemOf(error) }
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
    const safety = { fencing: false, inbox: false }
    await perform(queue, first, { ...parts, input, run: queue.run, safety, saga: undefined })
    return messages.map((message) => ({ kind: 'done', message, isKept: false }))
  } catch {
    return undefined
  }
}

interface Attempt extends RunParts {
  readonly input: unknown
  readonly run: Queue['run']
  readonly saga: SagaPlace | undefined
}

function perform(
  queue: Queue,
  message: LeasedMessage,
  { calls, input, run, saga, safety, leaseMs, began }: Attempt,
): Promise<RunEnding> {
  let failure: unknown
  const parent = traceOf(message.headers)
  return performWork(
    calls,
    {
      ...{ module: queue.module, id: queue.id, timeoutMs: queue.timeoutMs },
      ...(safety.inbox ? { idempotencyKey: message.id } : {}),
      ...(parent === undefined ? {} : { parent }),
    },
    {
      create(...given) {
        const place = { queue, leased: message, leaseMs, saga, isFenced: safety.fencing }
        const context = new MessageHandlerContext(given, place)
        began(message, context)
        return context
      },
      async run(context) {
        try {
          return await context.perform(() => run(input, context))
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
  parts: {
    readonly message: LeasedMessage
    readonly attempts: number
    readonly random: Random
  },
): Outcome {
  const { message, attempts, random } = parts
  const coded = asBanyanError(error)
  const problem = problemOf(coded)
  if (messagesCancelled.is(coded)) return { kind: 'cancelled', message, problem }
  if (messagesLeaseLost.is(coded)) return { kind: 'retry', message, delayMs: 0, problem }
  if (messagesStopped.is(coded)) return { kind: 'waiting', message, delayMs: 0, waits: [] }
  if (coded.kind === 'invalid' || message.attempts + 1 >= queue.attemptsMax) {
    return { kind: 'parked', message, problem }
  }
  const { firstMs, maxMs } = queue.retry
  const boundMs = Math.min(maxMs, firstMs * 2 ** attempts)
  return { kind: 'retry', message, delayMs: random.fraction() * boundMs, problem }
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
