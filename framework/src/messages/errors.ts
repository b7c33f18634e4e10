import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const messagesEventForeign: ErrorDefinition<{ module: string; event: string }> = defineError(
  'MESSAGES_EVENT_FOREIGN',
  'bug',
  {
    message: ({ module, event }) => `${module} published "${event}", which is not in its contract`,
    fix: 'Declare the event in the contract of the module that publishes it.',
  },
)

export const messagesJobUnknown: ErrorDefinition<{ module: string; job: string }> = defineError(
  'MESSAGES_JOB_UNKNOWN',
  'bug',
  {
    message: ({ module, job }) => `${module} enqueued the job "${job}", which it does not perform`,
    fix: 'Add `perform(job, …)` under `jobs` of the module.',
  },
)

export const messagesPayloadInvalid: ErrorDefinition<{ name: string; issues: string }> =
  defineError('MESSAGES_PAYLOAD_INVALID', 'bug', {
    message: ({ name, issues }) => `the payload of ${name} is not what was declared: ${issues}`,
    fix: 'Give what the schema of the event or the job says, or change the schema.',
  })

export const messagesPayloadTooLarge: ErrorDefinition<{
  name: string
  bytes: number
  limit: number
}> = defineError('MESSAGES_PAYLOAD_TOO_LARGE', 'bug', {
  message: ({ name, bytes, limit }) =>
    `the payload of ${name} has ${bytes} bytes; the limit is ${limit}`,
  fix: 'Keep large content in files or tables, and send what names it.',
})

export const messagesKeyInvalid: ErrorDefinition<{
  name: string
  field: string
  length: number
  limit: number
}> = defineError('MESSAGES_KEY_INVALID', 'bug', {
  message: ({ name, field, length, limit }) =>
    `the ${field} of ${name} has ${length} characters, at most ${limit}, or a zero character`,
  fix: 'Make the key of ids; of a long text, take a hash.',
})

export const messagesTransactionFull: ErrorDefinition<{ limit: number }> = defineError(
  'MESSAGES_TRANSACTION_FULL',
  'bug',
  {
    message: ({ limit }) => `one transaction publishes and enqueues more than ${limit} messages`,
    fix: 'Enqueue one job that does the work in portions, each in a transaction of its own.',
  },
)

export const messagesDelayInvalid: ErrorDefinition<{ name: string; delayMs: number }> = defineError(
  'MESSAGES_DELAY_INVALID',
  'bug',
  {
    message: ({ name, delayMs }) => `${name} was enqueued with a delay of ${delayMs} ms`,
    fix: 'Give 0 to 31,622,400,000 (366 days).',
  },
)

export const messagesTransportUnavailable: ErrorDefinition<{ engine: string; reason: string }> =
  defineError('MESSAGES_TRANSPORT_UNAVAILABLE', 'unavailable', {
    message: ({ engine, reason }) => `${engine} did not take or give messages: ${reason}`,
    fix: 'Nothing is lost: messages wait in the outbox. Start the engine, or correct its URL.',
  })

export const messagesTransportIncapable: ErrorDefinition<{ engine: string; promise: string }> =
  defineError('MESSAGES_TRANSPORT_INCAPABLE', 'invalid', {
    message: ({ engine, promise }) =>
      `${engine} is set up so that it cannot promise that ${promise}`,
    fix: 'Change the settings of the engine as the message says, or choose another one.',
  })

export const messagesLeaseLost: ErrorDefinition<{ queue: string; id: string }> = defineError(
  'MESSAGES_LEASE_LOST',
  'unavailable',
  {
    message: ({ queue, id }) =>
      `${queue} ${id} is no longer held by this process: it was silent too long`,
    fix: 'Nothing was committed; another process has taken the message. Raise the timeout of the work if this happens often.',
  },
)

export const messagesPayloadUnreadable: ErrorDefinition<{
  queue: string
  id: string
  issues: string
}> = defineError('MESSAGES_PAYLOAD_UNREADABLE', 'invalid', {
  message: ({ queue, id, issues }) => `${queue} cannot read ${id}: ${issues}`,
  fix: 'Give the schema a default for what older messages lack, or a new version; then redrive.',
})

export const messagesCancelled: ErrorDefinition<{ queue: string; id: string }> = defineError(
  'MESSAGES_CANCELLED',
  'cancelled',
  {
    message: ({ queue, id }) => `${queue} ${id} was cancelled by an operator`,
    fix: 'Nothing is to be done; what it had committed before stays.',
  },
)

export const messagesStopped: ErrorDefinition<{ queue: string; id: string }> = defineError(
  'MESSAGES_STOPPED',
  'cancelled',
  {
    message: ({ queue, id }) => `${queue} ${id} was ended: its process stopped`,
    fix: 'Nothing is to be done: another process, or the next one, begins it again.',
  },
)

export const messagesProcessDied: ErrorDefinition<{ deaths: number }> = defineError(
  'MESSAGES_PROCESS_DIED',
  'unknown_outcome',
  {
    message: ({ deaths }) =>
      `${deaths} processes died, or were silent too long, while they worked on it; at last it ran alone`,
    fix: 'Look for an endless loop or for memory in its work; then redrive it.',
  },
)

export const messagesQueueFull: ErrorDefinition<{ module: string }> = defineError(
  'MESSAGES_QUEUE_FULL',
  'exhausted',
  {
    message: ({ module }) => `100,000 jobs of ${module} already wait in this process to be written`,
    fix: 'The database is slower than what is asked of it: ask less, or enqueue in transactions.',
  },
)
