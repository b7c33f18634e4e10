import { type Clock, createSystemClock } from '../kernel/index.ts'
import { threadsBusy, threadsClosed } from './errors.ts'
import { assertOptions, assertTimeout, type ThreadPoolOptions } from './options.ts'
import { Task } from './task.ts'
import { Thread } from './thread.ts'
import { observePool, type PoolMetrics } from './pool-metrics.ts'

export interface RunOptions {
  /** Gives the task up: it leaves the queue, or its thread is ended. */
  readonly signal?: AbortSignal
  /** 1..3,600,000 ms; the pool's unless given. */
  readonly timeoutMs?: number
  /** Buffers of the input that are moved rather than copied: the caller has them no more. */
  readonly transfer?: readonly ArrayBuffer[]
}

/** A bounded number of threads that run one module's `run`. */
export interface ThreadPool<Input, Output> extends AsyncDisposable {
  /** Runs one task.
   *  @param input  Copied (structured clone) when the task starts: leave it unchanged until then.
   *  @throws THREADS_BUSY (retry: later) · THREADS_TIMEOUT · THREADS_DIED, also when the memory was
   *  exhausted (retry: once, alone; what it did to the world may have happened) · THREADS_TASK_FAILED ·
   *  THREADS_MODULE_INVALID · THREADS_VALUE_UNCLONEABLE · THREADS_CLOSED · THREADS_OPTIONS_INVALID ·
   *  the coded error that the task threw · the reason of `signal`
   *  Order: tasks start in the order in which they came.
   *  Cost: two copies and two hops between threads, 30–60 µs; a thread's start 20–50 ms. */
  run(input: Input, options?: RunOptions): Promise<Output>
  /** Refuses new tasks, waits for those that run and wait, and ends the threads; what is left at the
   *  deadline fails with THREADS_CLOSED. Idempotent; the first deadline counts.
   *  @param deadlineMs  10,000 unless given. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

/** Creates a pool; it starts no thread before its first task, and its idle threads keep no process alive.
 *  @throws THREADS_OPTIONS_INVALID
 *  Trust: that the module's `run` takes `Input` and gives `Output` is the caller's word. */
export function createThreadPool<Input, Output>(
  options: ThreadPoolOptions,
): ThreadPool<Input, Output> {
  assertOptions(options)
  return new Pool<Input, Output>(options)
}

class Pool<Input, Output> implements ThreadPool<Input, Output> {
  readonly #options: ThreadPoolOptions
  readonly #clock: Clock
  readonly #metrics: PoolMetrics
  /** In the order in which they came; whoever gives up leaves from anywhere. */
  readonly #waiting = new Set<Task>()
  /** All that hold a processor or memory, those that are ending too. */
  readonly #threads = new Set<Thread>()
  /** The one that was used last is used first, so that the others may end. */
  readonly #idle: Thread[] = []
  #closing: Promise<void> | undefined
  #drained: (() => void) | undefined

  constructor(options: ThreadPoolOptions) {
    this.#options = options
    this.#clock = options.clock ?? createSystemClock()
    this.#metrics = observePool(options, {
      busy: () => this.#busy,
      waiting: () => this.#waiting.size,
    })
  }

  run(input: Input, options: RunOptions = {}): Promise<Output> {
    const startedMs = this.#clock.monotonicMs()
    return this.#enqueue(input, options).finally(() =>
      this.#metrics.seconds.observe((this.#clock.monotonicMs() - startedMs) / 1_000),
    )
  }

  close({ deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(deadlineMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #busy(): number {
    return this.#threads.size - this.#idle.length
  }

  async #enqueue(input: Input, options: RunOptions): Promise<Output> {
    const { name, queueMax, threads } = this.#options
    assertTimeout(name, options.timeoutMs)
    if (this.#closing !== undefined) throw threadsClosed({ pool: name })
    options.signal?.throwIfAborted()
    if (this.#waiting.size >= queueMax && this.#busy >= threads) {
      this.#metrics.refused.add()
      throw threadsBusy({ pool: name, threads, queueMax })
    }
    return new Promise<unknown>((resolve, reject) => {
      const task = new Task(this.#requestOf(input, options), resolve, reject)
      task.onCancel = (reason) => this.#drop(task, reason)
      this.#waiting.add(task)
      this.#dispatch()
    }) as Promise<Output>
  }

  #requestOf(input: Input, options: RunOptions): ConstructorParameters<typeof Task>[0] {
    const { signal, transfer = [], timeoutMs = this.#options.timeoutMs } = options
    return { input, transfer, timeoutMs, signal }
  }

  #drop(task: Task, reason: unknown): void {
    this.#waiting.delete(task)
    task.fail(reason)
    this.#noteDrained()
  }

  #dispatch(): void {
    for (const task of this.#waiting) {
      const thread = this.#idle.pop() ?? this.#tryStart()
      if (thread === undefined) return
      this.#waiting.delete(task)
      thread.run(task)
    }
    this.#noteDrained()
  }

  #tryStart(): Thread | undefined {
    const { name: pool, module, memoryMbMax, threads, idleMs = 30_000 } = this.#options
    if (this.#threads.size >= threads) return undefined
    const thread = new Thread({
      ...{ pool, module, memoryMbMax, idleMs, clock: this.#clock },
      onIdle: (own) => {
        this.#idle.push(own)
        this.#dispatch()
      },
      onEnding: (own) => this.#forgetIdle(own),
      onExit: (own) => {
        this.#threads.delete(own)
        this.#metrics.ended.add()
        this.#dispatch()
      },
    })
    this.#threads.add(thread)
    return thread
  }

  #forgetIdle(thread: Thread): void {
    const index = this.#idle.indexOf(thread)
    if (index !== -1) this.#idle.splice(index, 1)
  }

  #noteDrained(): void {
    if (this.#waiting.size === 0 && this.#busy === 0) this.#drained?.()
  }

  async #close(deadlineMs: number): Promise<void> {
    const over = threadsClosed({ pool: this.#options.name })
    await this.#drain(deadlineMs)
    for (const task of this.#waiting) this.#drop(task, over)
    const threads = [...this.#threads]
    for (const thread of threads) thread.end(over)
    // native code that never returns cannot be ended: it is left behind, and keeps no process alive
    await this.#within(1_000, Promise.all(threads.map((thread) => thread.exited)))
  }

  #drain(deadlineMs: number): Promise<unknown> {
    const drained = Promise.withResolvers<void>()
    this.#drained = drained.resolve
    this.#noteDrained()
    return this.#within(deadlineMs, drained.promise)
  }

  #within(limitMs: number, promise: Promise<unknown>): Promise<unknown> {
    const late = Promise.withResolvers<void>()
    const timer = this.#clock.after(limitMs, late.resolve)
    return Promise.race([promise, late.promise]).finally(() => timer.stop())
  }
}
