import {
  type BanyanError,
  BanyanError as ErrorClass,
  type ErrorDefinition,
  defineError,
} from './error.ts'

export const kernelBug: ErrorDefinition<{ cause: string }> = defineError('KERNEL_BUG', 'bug', {
  message: ({ cause }) => `an unexpected error: ${cause}`,
  fix: 'Look up the trace id in the logs; the cause is there and only there.',
})

export const kernelDurationInvalid: ErrorDefinition<{ value: string }> = defineError(
  'KERNEL_DURATION_INVALID',
  'invalid',
  {
    message: ({ value }) => `"${value}" is not a duration`,
    fix: 'Write a number and a unit: 250ms, 30s, 5m, 2h or 7d.',
  },
)

export const kernelIdInvalid: ErrorDefinition<{ value: string }> = defineError(
  'KERNEL_ID_INVALID',
  'invalid',
  {
    message: ({ value }) => `"${value}" is not a UUIDv7`,
    fix: 'Pass an id that the platform made.',
  },
)

export const kernelQueueFull: ErrorDefinition<{ queue: string; limit: number }> = defineError(
  'KERNEL_QUEUE_FULL',
  'exhausted',
  {
    message: ({ queue, limit }) => `queue "${queue}" holds its limit of ${limit}`,
    fix: 'Retry after a pause; if it stays full, add capacity behind the queue.',
  },
)

export const kernelFaultInjected: ErrorDefinition<{ point: string }> = defineError(
  'KERNEL_FAULT_INJECTED',
  'unavailable',
  {
    message: ({ point }) => `the fault point "${point}" was armed to fail here`,
    fix: 'Unset BANYAN_FAULTS; it is for tests.',
  },
)

export const kernelFaultsInvalid: ErrorDefinition<{ value: string }> = defineError(
  'KERNEL_FAULTS_INVALID',
  'invalid',
  {
    message: ({ value }) => `BANYAN_FAULTS: "${value}" is not "<point>=<kill|fail|hang>[@n]"`,
    fix: 'Write for example BANYAN_FAULTS="checkout.reserved=kill@2".',
  },
)

export const kernelValueUnencodable: ErrorDefinition<{ type: string }> = defineError(
  'KERNEL_VALUE_UNENCODABLE',
  'bug',
  {
    message: ({ type }) => `a ${type} cannot be recorded`,
    fix: 'Return plain data: JSON values, Date, bigint, Map, Set or Uint8Array.',
  },
)

/** Any thrown value as a `BanyanError`; what is not one becomes `KERNEL_BUG` with it as cause. */
export function asBanyanError(error: unknown): BanyanError {
  if (error instanceof ErrorClass) return error
  return kernelBug({ cause: describeThrown(error) }, { cause: error })
}

/** Anything can be thrown, also what refuses to become text. */
function describeThrown(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  } catch {
    return `a thrown ${typeof error} that has no text`
  }
}
