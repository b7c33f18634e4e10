import { inspect } from 'node:util'

/** One finished test, as a test file's process reports it. */
export interface TestEvent {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped, or what failed; empty when it passed. */
  readonly reason: string
  readonly line: number
  readonly durationMs: number
}

interface RunnerEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly line?: number
    readonly skip?: string | boolean
    readonly todo?: string | boolean
    readonly details?: {
      readonly type?: string
      readonly duration_ms?: number
      readonly error?: { readonly failureType?: string; readonly cause?: unknown }
    }
  }
}

/** Writes one JSON line per finished test: what `npm test` reads. Called by Node through
 *  `--test-reporter`, which demands a default export. */
export default async function* report(events: AsyncIterable<RunnerEvent>): AsyncGenerator<string> {
  const path: string[] = []
  for await (const event of events) {
    const { name = '', nesting = 0 } = event.data
    if (event.type === 'test:start') path.splice(nesting, path.length, name)
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    path.splice(nesting, path.length, name)
    const finished = describe(event, path.join(' › '))
    if (finished !== undefined) yield `${JSON.stringify(finished)}\n`
  }
}

function describe({ type, data }: RunnerEvent, name: string): TestEvent | undefined {
  const { details, line = 0 } = data
  const failed = type === 'test:fail'
  const skip = data.skip ?? data.todo
  // A suite or parent that failed only because of a test inside it would count the failure twice.
  if (details?.error?.failureType === 'subtestsFailed') return undefined
  if (details?.type === 'suite' && !failed && skip === undefined) return undefined
  const durationMs = details?.duration_ms ?? 0
  if (!failed && skip !== undefined && skip !== false) {
    return { name, outcome: 'skipped', reason: reasonOf(skip), line, durationMs }
  }
  if (!failed) return { name, outcome: 'passed', reason: '', line, durationMs }
  return { name, outcome: 'failed', reason: causeOf(details?.error), line, durationMs }
}

function reasonOf(skip: string | boolean): string {
  return typeof skip === 'string' && skip !== '' ? skip : 'no reason given'
}

function causeOf(error: { readonly cause?: unknown } | undefined): string {
  const cause = error?.cause ?? error
  if (!(cause instanceof Error)) return inspect(cause)
  const code = 'code' in cause && typeof cause.code === 'string' ? ` [${cause.code}]` : ''
  const deeper = cause.cause === undefined ? '' : `\ncaused by ${causeOf({ cause: cause.cause })}`
  const stack = (cause.stack ?? cause.message).replaceAll(/\n +at .*node:internal.*/g, '')
  return `${stack}${code}${deeper}`
}
