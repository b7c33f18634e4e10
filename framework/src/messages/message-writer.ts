import type { Event, NamedEvent } from '../contract/index.ts'
import type { Statement } from '../data/index.ts'
import type { Clock, Ids, Trace } from '../kernel/index.ts'
import type { EnqueueOptions, Job, Module } from '../module/index.ts'
import { type CompiledSchema, compileSchema } from '../schema/index.ts'
import {
  messagesDelayInvalid,
  messagesEventForeign,
  messagesJobUnknown,
  messagesKeyInvalid,
  messagesPayloadInvalid,
  messagesPayloadTooLarge,
} from './errors.ts'
import { type MessageHeaders, payloadBytesMax } from './message.ts'
import type { NewMessage } from './new-message.ts'
import { type Queue, queuesOf } from './queue.ts'

/** What was written and committed, so that those who wait for it can look. */
export interface Written {
  readonly events: number
  readonly jobs: number
  /** When the first of the jobs is due, in ms; 0 for at once. */
  readonly dueInMs?: number
}

export function writtenOf(events: number, jobs: readonly NewMessage[]): Written {
  let dueInMs = Number.POSITIVE_INFINITY
  for (const { delayMs } of jobs) dueInMs = Math.min(dueInMs, delayMs)
  return { events, jobs: jobs.length, dueInMs: jobs.length === 0 ? 0 : dueInMs }
}

export interface MessageWriterOptions {
  readonly module: Module
  readonly clock: Clock
  readonly ids: Ids
  /** Jobs too go through the outbox and the transport. */
  readonly carriesJobs: boolean
  wake(written: Written): void
}

const delayMsMax = 366 * 86_400_000
/** A key is part of an index, whose entries PostgreSQL bounds. */
const keyLengthMax = 500

/** Columns as arrays: one statement for any number of rows. Cost: as one insert. */
const outboxText = `
insert into banyan_outbox (id, name, version, key, payload, headers)
select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[])`

const jobsText = `
insert into banyan_message
  (id, queue, version, key, payload, headers, rank, unique_text, state, due_at)
select id, queue, version, key, payload, headers, rank, unique_text,
  case when delay_ms > 0 then 1 else 0 end,
  case when delay_ms > 0 then clock_timestamp() + delay_ms * interval '1 millisecond' end
from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[],
  $7::smallint[], $8::text[], $9::bigint[])
  as given (id, queue, version, key, payload, headers, rank, unique_text, delay_ms)`

/** Costs PostgreSQL a second record in its log for each row. */
const uniqueJobsText = `${jobsText}
on conflict (queue, unique_text) where unique_text is not null and state < 5 do nothing`

/** Makes the messages of one module: checks and encodes them, and knows the statements that write them. */
export class MessageWriter {
  readonly #options: MessageWriterOptions
  readonly #module: string
  readonly #events: ReadonlyMap<string, CompiledSchema>
  readonly #jobs: ReadonlyMap<string, Queue>

  constructor(options: MessageWriterOptions) {
    const { contract } = options.module
    this.#options = options
    this.#module = contract.name
    this.#events = new Map(
      Object.values(contract.events).map(({ name, payload }) => [name, compileSchema(payload)]),
    )
    this.#jobs = new Map(queuesOf(options.module).map((queue) => [queue.name, queue]))
  }

  /** @throws MESSAGES_EVENT_FOREIGN · MESSAGES_PAYLOAD_INVALID · MESSAGES_PAYLOAD_TOO_LARGE */
  eventOf(event: NamedEvent<Event>, payload: unknown, trace: Trace): NewMessage {
    const { name, version } = event
    const schema = this.#events.get(name)
    if (schema === undefined) throw messagesEventForeign({ module: this.#module, event: name })
    const value = checked(name, schema, payload)
    return {
      ...{ id: this.#options.ids.next(), name, version, key: short(name, 'key', event.key(value)) },
      payload: encoded(name, schema, value),
      headers: this.#headers(trace, {}),
      ...{ queue: '', priority: 0, delayMs: 0, unique: undefined },
    }
  }

  /** @throws MESSAGES_JOB_UNKNOWN · MESSAGES_DELAY_INVALID · MESSAGES_PAYLOAD_… */
  jobOf(job: Job, input: unknown, options: EnqueueOptions, trace: Trace): NewMessage {
    const queue = this.#jobs.get(`jobs.${job.name}`)
    if (queue === undefined) throw messagesJobUnknown({ module: this.#module, job: job.name })
    const { topic: name, payload: schema, version } = queue
    const { priority = queue.priority, delayMs = 0 } = options
    if (!(delayMs >= 0 && delayMs <= delayMsMax)) throw messagesDelayInvalid({ name, delayMs })
    const value = checked(name, schema, input)
    const unique = short(name, 'unique', job.unique?.(value))
    const key = short(name, 'key', job.key?.(value))
    return {
      ...{ id: this.#options.ids.next(), name, version, key },
      payload: encoded(name, schema, value),
      headers: this.#headers(trace, {
        ...(priority === 0 ? {} : { priority }),
        ...(delayMs === 0 ? {} : { delayMs }),
        ...(unique === undefined ? {} : { unique }),
      }),
      ...{ queue: queue.name, priority, delayMs: Math.ceil(delayMs), unique },
    }
  }

  /** The statements that write events and jobs, none for nothing. */
  statementsOf(events: readonly NewMessage[], jobs: readonly NewMessage[]): readonly Statement[] {
    const { carriesJobs } = this.#options
    const carried = carriesJobs ? [...events, ...jobs] : events
    const statements: Statement[] = []
    if (carried.length > 0) statements.push({ text: outboxText, values: columnsOf(carried) })
    if (!carriesJobs && jobs.length > 0) statements.push(insertJobs(jobs))
    return statements
  }

  wake(written: Written): void {
    if (written.events + written.jobs > 0) this.#options.wake(written)
  }

  #headers(trace: Trace, more: Partial<MessageHeaders>): string {
    const { traceId, spanId, isSampled } = trace
    const publishedAtMs = this.#options.clock.nowMs()
    return JSON.stringify({ traceId, spanId, isSampled, publishedAtMs, ...more })
  }
}

/** Writes jobs straight into the queues of their module. */
export function insertJobs(jobs: readonly NewMessage[]): Statement {
  const [ids, , versions, keys, payloads, headers] = columnsOf(jobs)
  const queues = jobs.map(({ queue }) => queue)
  const ranks = jobs.map(({ priority }) => -priority)
  const uniques = jobs.map(({ unique }) => unique ?? null)
  const delays = jobs.map(({ delayMs }) => delayMs)
  const values = [ids, queues, versions, keys, payloads, headers, ranks, uniques, delays]
  const isUnique = jobs.some(({ unique }) => unique !== undefined)
  return { text: isUnique ? uniqueJobsText : jobsText, values }
}

function columnsOf(messages: readonly NewMessage[]): readonly unknown[][] {
  return [
    messages.map(({ id }) => id),
    messages.map(({ name }) => name),
    messages.map(({ version }) => version),
    messages.map(({ key }) => key ?? null),
    messages.map(({ payload }) => payload),
    messages.map(({ headers }) => headers),
  ]
}

function checked(name: string, schema: CompiledSchema, value: unknown): unknown {
  const result = schema.copy(value)
  if (result.ok) return result.value
  const issues = result.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw messagesPayloadInvalid({ name, issues: issues.slice(0, 5).join('; ') })
}

/** @throws MESSAGES_KEY_INVALID */
function short(name: string, field: string, text: string | undefined): string | undefined {
  if (text === undefined || (text.length <= keyLengthMax && !text.includes('\0'))) return text
  throw messagesKeyInvalid({ name, field, length: text.length, limit: keyLengthMax })
}

function encoded(name: string, schema: CompiledSchema, value: unknown): string {
  const text = schema.encode(value)
  const bytes = Buffer.byteLength(text)
  if (bytes <= payloadBytesMax) return text
  throw messagesPayloadTooLarge({ name, bytes, limit: payloadBytesMax })
}
