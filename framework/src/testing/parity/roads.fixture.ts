import type { TestApplicationOptions } from '../test-application-options.ts'

/** One way of running the same application. */
export interface Road {
  readonly name: string
  /** Whether callers, `front`, `middle` and `store` are in different instances. */
  readonly isSplit: boolean
  /** Whether instances die. */
  readonly isDeadly: boolean
  readonly options: Pick<TestApplicationOptions, 'runner' | 'calls' | 'services'>
}

const single = { isSplit: false, isDeadly: false }
const split = { isSplit: true, isDeadly: false }

/** All roads that a call can take; it must mean the same on each of them. */
export const roads: readonly Road[] = [
  { name: 'inline', ...single, options: { runner: 'inline' } },
  { name: 'wire', ...single, options: { runner: 'wire' } },
  { name: 'split', ...split, options: { runner: 'split' } },
  { name: 'split over post', ...split, options: { runner: 'split', calls: { carrier: 'post' } } },
  {
    name: 'split over mutual TLS',
    ...split,
    options: { runner: 'split', calls: { transport: 'tcp', mtls: true } },
  },
  {
    name: 'split-kill',
    ...{ isSplit: true, isDeadly: true },
    options: { runner: 'split-kill' },
  },
]
