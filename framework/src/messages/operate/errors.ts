import { defineError, type ErrorDefinition } from '../../kernel/index.ts'

export const messagesMessageUnknown: ErrorDefinition<{ id: string; places: string }> = defineError(
  'MESSAGES_MESSAGE_UNKNOWN',
  'not_found',
  {
    message: ({ id, places }) => `no message ${id} in ${places}`,
    fix: 'A message that is done is deleted. `banyan messages list` shows those that are there.',
  },
)

export const messagesMessageAmbiguous: ErrorDefinition<{ id: string; places: string }> =
  defineError('MESSAGES_MESSAGE_AMBIGUOUS', 'invalid', {
    message: ({ id, places }) => `the message ${id} was heard by several modules: ${places}`,
    fix: 'Name the one that is meant: --module.',
  })

export const messagesQueueUnknown: ErrorDefinition<{ queue: string; nearest: string }> =
  defineError('MESSAGES_QUEUE_UNKNOWN', 'not_found', {
    message: ({ queue }) => `the application has no queue "${queue}"`,
    fix: ({ nearest }) =>
      nearest === '' ? '`banyan messages` lists the queues.' : `Did you mean ${nearest}?`,
  })

export const messagesStateWrong: ErrorDefinition<{
  id: string
  state: string
  action: string
  allowed: string
}> = defineError('MESSAGES_STATE_WRONG', 'conflict', {
  message: ({ id, state, action }) => `the message ${id} is ${state}, so it was not ${action}`,
  fix: ({ allowed }) => `Possible for messages that are ${allowed}. Nothing was changed.`,
})

export const messagesMessageDuplicate: ErrorDefinition<{ id: string; unique: string }> =
  defineError('MESSAGES_MESSAGE_DUPLICATE', 'conflict', {
    message: ({ id, unique }) =>
      `the message ${id} was not redriven: another one under the unique text "${unique}" waits already`,
    fix: 'Let that one run, and cancel this one.',
  })

export const messagesLimitInvalid: ErrorDefinition<{ queue: string; reason: string }> = defineError(
  'MESSAGES_LIMIT_INVALID',
  'invalid',
  {
    message: ({ queue, reason }) => `the limit of ${queue} was not changed: ${reason}`,
    fix: 'Concurrency: 1 to 10,000. Rate: 1 to 1,000,000 starts in 1 ms to 24 h.',
  },
)
