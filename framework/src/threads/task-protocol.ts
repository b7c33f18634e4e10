import { BanyanError, type ErrorKind, errorKinds } from '../kernel/index.ts'

/** What a thread's module exports as `run`. What it returns is copied to the caller; what it throws
 *  reaches the caller: a coded error as itself, anything else as THREADS_TASK_FAILED.
 *  Nothing may be left running when it has returned: the thread takes the next task. */
export type ThreadTask<Input, Output> = (
  input: Input,
  task: ThreadTaskContext,
) => Output | Promise<Output>

export interface ThreadTaskContext {
  /** Moves a buffer of the answer to the caller rather than copying it; it is gone from the thread.
   *  Not for a view of Node's buffer pool (`Buffer.from('…')`): others live in that memory. */
  transfer(buffer: ArrayBuffer): void
}

/** What the thread is started with. */
export interface ThreadStart {
  /** Tells a thread of a pool from any other thread that happens to load the file. */
  readonly banyanThreads: 1
  readonly module: string
}

/** Pool to thread. */
export interface TaskRequest {
  readonly input: unknown
}

/** Thread to pool; one task runs at a time, so answers need no number. */
export type TaskAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly cause: string }
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: ThrownError }
  | { readonly type: 'uncloneable'; readonly cause: string }

const answerTypes: ReadonlySet<unknown> = new Set<TaskAnswer['type']>([
  ...(['ready', 'unusable', 'done', 'failed', 'uncloneable'] as const),
])

/** Whether the thread's program said it; a library inside the thread may write to the same port. */
export function isTaskAnswer(value: unknown): value is TaskAnswer {
  return (
    typeof value === 'object' && value !== null && 'type' in value && answerTypes.has(value.type)
  )
}

/** An error in a form that survives the copy: a clone of an Error loses its code and its details. */
export interface ThrownError {
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly coded:
    | {
        readonly code: string
        readonly kind: string
        readonly fix: string
        readonly details: Readonly<Record<string, unknown>>
      }
    | undefined
}

export function describeThrown(error: unknown): ThrownError {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: textOf(error), stack: '', coded: undefined }
  }
  const { name, message, stack = '' } = error
  if (!(error instanceof BanyanError)) return { name, message, stack, coded: undefined }
  const { code, kind, fix, details } = error
  return { name, message, stack, coded: { code, kind, fix, details } }
}

/** The coded error that the task threw, or undefined when it threw anything else. */
export function tryRebuild(thrown: ThrownError): BanyanError | undefined {
  const { coded } = thrown
  const kind = errorKinds.find((known): known is ErrorKind => known === coded?.kind)
  if (coded === undefined || kind === undefined) return undefined
  const text = { message: thrown.message, fix: coded.fix }
  return new BanyanError({ code: coded.code, kind }, text, coded.details, causeOf(thrown))
}

/** The error inside the thread, with its own stack, to be the cause of the caller's. */
export function causeOf(thrown: ThrownError): Error {
  const cause = new Error(thrown.message)
  cause.name = thrown.name
  cause.stack = thrown.stack
  return cause
}

/** Anything can be thrown, also what refuses to become text. */
function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return `a thrown ${typeof value} that has no text`
  }
}
