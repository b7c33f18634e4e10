import { defineError, type ErrorDefinition } from '../../kernel/index.ts'

export const messagesStepDuplicate: ErrorDefinition<{ saga: string; name: string }> = defineError(
  'MESSAGES_STEP_DUPLICATE',
  'bug',
  {
    message: ({ saga, name }) => `${saga} asked twice for the step "${name}" in one run`,
    fix: 'Give every step, sleep and wait a name of its own; in a loop, add what is looped over.',
  },
)

export const messagesStepInvalid: ErrorDefinition<{ saga: string; name: string; reason: string }> =
  defineError('MESSAGES_STEP_INVALID', 'bug', {
    message: ({ saga, name, reason }) => `the step "${name}" of ${saga} cannot be: ${reason}`,
    fix: 'Correct the code of the saga; `ctx.step`, `ctx.sleep` and `ctx.waitFor` say what they take.',
  })

export const messagesStepsExhausted: ErrorDefinition<{ saga: string; limit: number }> = defineError(
  'MESSAGES_STEPS_EXHAUSTED',
  'bug',
  {
    message: ({ saga, limit }) => `${saga} asked for more than ${limit} steps, sleeps and waits`,
    fix: 'Do more in one step, or let the saga enqueue one that goes on.',
  },
)

export const messagesStepTooLarge: ErrorDefinition<{
  saga: string
  name: string
  bytes: number
  limit: number
}> = defineError('MESSAGES_STEP_TOO_LARGE', 'bug', {
  message: ({ saga, name, bytes, limit }) =>
    `the step "${name}" of ${saga} gave ${bytes} bytes; the limit is ${limit}`,
  fix: 'Keep large content in files or tables, and let the step give what names it.',
})

export const messagesSagaUnwinding: ErrorDefinition<{ saga: string; name: string }> = defineError(
  'MESSAGES_SAGA_UNWINDING',
  'cancelled',
  {
    message: ({ saga, name }) => `${saga} has failed and is being undone; "${name}" is not begun`,
    fix: 'Nothing is to be done: what ends a step so is passed on, or caught as any of its errors.',
  },
)

export const messagesUndoMissing: ErrorDefinition<{ saga: string; names: string }> = defineError(
  'MESSAGES_UNDO_MISSING',
  'bug',
  {
    message: ({ saga, names }) =>
      `${saga} has failed, but its code no longer asks for what it is to undo: ${names}`,
    fix: 'Bring back the steps with their `undo`, in their order, and redrive; nothing was undone in this run.',
  },
)

export const messagesVersionUnknown: ErrorDefinition<{
  queue: string
  version: number
  known: string
}> = defineError('MESSAGES_VERSION_UNKNOWN', 'unavailable', {
  message: ({ queue, version, known }) =>
    `${queue} began under version ${version}; this process has: ${known}`,
  fix: 'It waits for a process that has it. Give its code under `versions` of `perform`.',
})

export const messagesHistoryDiverged: ErrorDefinition<{ queue: string; reason: string }> =
  defineError('MESSAGES_HISTORY_DIVERGED', 'bug', {
    message: ({ queue, reason }) => `the code of ${queue} does not follow its history: ${reason}`,
    fix: 'Raise the version of the job and keep the old code under `versions` of `perform`.',
  })
