import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const threadsBusy: ErrorDefinition<{ pool: string; threads: number; queueMax: number }> =
  defineError('THREADS_BUSY', 'exhausted', {
    message: ({ pool, threads, queueMax }) =>
      `the thread pool "${pool}" runs ${threads} tasks and ${queueMax} more already wait`,
    fix: 'Nothing was run. Try again after a pause; if it stays busy, add threads or instances.',
  })

export const threadsTimeout: ErrorDefinition<{ pool: string; timeoutMs: number }> = defineError(
  'THREADS_TIMEOUT',
  'unavailable',
  {
    message: ({ pool, timeoutMs }) =>
      `a task of the thread pool "${pool}" ran longer than ${timeoutMs} ms and was ended`,
    fix: 'Give it less to do, or raise timeoutMs; a task that never ends fails each time.',
  },
)

export const threadsDied: ErrorDefinition<{ pool: string; cause: string }> = defineError(
  'THREADS_DIED',
  'unavailable',
  {
    message: ({ pool, cause }) => `a thread of the pool "${pool}" died under its task: ${cause}`,
    fix: 'Give the task less to do, or raise memoryMbMax when its memory was exhausted.',
  },
)

export const threadsClosed: ErrorDefinition<{ pool: string }> = defineError(
  'THREADS_CLOSED',
  'unavailable',
  {
    message: ({ pool }) => `the thread pool "${pool}" is closed and has not finished the task`,
    fix: 'The instance is stopping; try again: another instance takes the work.',
  },
)

export const threadsTaskFailed: ErrorDefinition<{ pool: string; cause: string }> = defineError(
  'THREADS_TASK_FAILED',
  'bug',
  {
    message: ({ pool, cause }) => `a task of the thread pool "${pool}" threw: ${cause}`,
    fix: 'The cause carries the stack inside the thread. Throw coded errors for what callers can handle.',
  },
)

export const threadsModuleInvalid: ErrorDefinition<{
  pool: string
  module: string
  cause: string
}> = defineError('THREADS_MODULE_INVALID', 'bug', {
  message: ({ pool, module, cause }) =>
    `the thread pool "${pool}" cannot use the module ${module}: ${cause}`,
  fix: 'Export a function called "run" from it: export const run: ThreadTask<Input, Output> = …',
})

export const threadsValueUncloneable: ErrorDefinition<{ pool: string; cause: string }> =
  defineError('THREADS_VALUE_UNCLONEABLE', 'bug', {
    message: ({ pool, cause }) =>
      `a value cannot pass between a caller and the thread pool "${pool}": ${cause}`,
    fix: 'Pass plain data: JSON values, Date, bigint, Map, Set, ArrayBuffer and its views.',
  })

export const threadsOptionsInvalid: ErrorDefinition<{ pool: string; problem: string }> =
  defineError('THREADS_OPTIONS_INVALID', 'invalid', {
    message: ({ pool, problem }) => `the thread pool "${pool}": ${problem}`,
    fix: 'Correct the option; the ranges stand at ThreadPoolOptions.',
  })
