import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../kernel/index.ts'
import {
  threadsDied,
  threadsModuleInvalid,
  threadsTaskFailed,
  threadsTimeout,
  threadsValueUncloneable,
} from './errors.ts'
import {
  causeOf,
  describeThrown,
  isTaskAnswer,
  type TaskAnswer,
  type TaskRequest,
  type ThreadStart,
  tryRebuild,
} from './task-protocol.ts'
import type { Task } from './task.ts'

/** Loading a module takes this long at most; on a busy machine a large native library takes seconds. */
const startMs = 30_000

interface ThreadOptions {
  readonly pool: string
  readonly module: URL
  readonly memoryMbMax: number
  readonly idleMs: number
  readonly clock: Clock
  /** The task is settled and the thread takes another. */
  readonly onIdle: (thread: Thread) => void
  /** It takes no more tasks; its processor may still be held until `onExit`. */
  readonly onEnding: (thread: Thread) => void
  readonly onExit: (thread: Thread) => void
}

/** One worker thread: starting → (running ⇄ idle) → ending → gone.
 *  Invariant: it has a task from `run` until that is settled; every task that it is given is settled. */
export class Thread {
  readonly #options: ThreadOptions
  readonly #worker: Worker
  readonly #exited = Promise.withResolvers<void>()
  #isReady = false
  #isEnding = false
  #task: Task | undefined
  /** Of the start, the task or the idling, whichever is under way. */
  #timer: Timer | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
    const start: ThreadStart = { banyanThreads: 1, module: options.module.href }
    const program = new URL(
      import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js',
      import.meta.url,
    )
    this.#worker = new Worker(program, {
      name: options.pool,
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMbMax },
    })
    this.#worker.on('message', (answer: unknown) => {
      if (isTaskAnswer(answer)) this.#receive(answer)
    })
    this.#worker.on('messageerror', (error) => this.#die(error.message))
    this.#worker.on('error', (error) => this.#die(describeThrown(error).message))
    this.#worker.on('exit', (code) => this.#exit(code))
  }

  /** Resolves when the thread is gone. */
  get exited(): Promise<void> {
    return this.#exited.promise
  }

  /** Requires: the thread is new or idle. */
  run(task: Task): void {
    this.#timer?.stop()
    this.#task = task
    // nothing but its end stops a thread in the middle of a task
    task.onCancel = (reason) => this.end(reason)
    this.#worker.ref()
    if (this.#isReady) this.#send(task)
    else this.#limit(startMs)
  }

  /** Ends the thread, whatever it does; the task that it has fails with `reason`. Idempotent. */
  end(reason: unknown): void {
    this.#timer?.stop()
    this.#takeTask()?.fail(reason)
    if (this.#isEnding) return
    this.#isEnding = true
    this.#options.onEnding(this)
    this.#worker.unref()
    // its outcome is the exit event
    void this.#worker.terminate()
  }

  #send(task: Task): void {
    this.#limit(task.timeoutMs)
    try {
      this.#worker.postMessage({ input: task.input } satisfies TaskRequest, task.transfer)
    } catch (error) {
      const cause = describeThrown(error).message
      // a turn later: a queue full of such tasks must not nest as deep as it is long
      queueMicrotask(() => this.#receive({ type: 'uncloneable', cause }))
    }
  }

  #limit(timeoutMs: number): void {
    const { clock, pool } = this.#options
    this.#timer = clock.after(timeoutMs, () => this.end(threadsTimeout({ pool, timeoutMs })))
  }

  #receive(answer: TaskAnswer): void {
    if (this.#isEnding) return
    if (answer.type === 'ready') return this.#begin()
    const { pool, module } = this.#options
    if (answer.type === 'unusable') {
      return this.end(threadsModuleInvalid({ pool, module: module.href, cause: answer.cause }))
    }
    const task = this.#takeTask()
    if (task === undefined) return
    this.#rest()
    if (answer.type === 'done') task.succeed(answer.output)
    else task.fail(this.#failureOf(answer))
  }

  #failureOf(answer: Extract<TaskAnswer, { type: 'failed' | 'uncloneable' }>): Error {
    const { pool } = this.#options
    if (answer.type === 'uncloneable') {
      return threadsValueUncloneable({ pool, cause: answer.cause })
    }
    const { error } = answer
    const cause = `${error.name}: ${error.message}`
    return tryRebuild(error) ?? threadsTaskFailed({ pool, cause }, { cause: causeOf(error) })
  }

  #begin(): void {
    this.#isReady = true
    this.#timer?.stop()
    if (this.#task !== undefined) this.#send(this.#task)
  }

  /** Is free for the next task, and ends when none comes. */
  #rest(): void {
    const { clock, idleMs } = this.#options
    this.#timer?.stop()
    this.#timer = clock.after(idleMs, () => this.end(undefined), { background: true })
    this.#worker.unref()
    this.#options.onIdle(this)
  }

  #takeTask(): Task | undefined {
    const task = this.#task
    this.#task = undefined
    return task
  }

  #die(cause: string): void {
    this.end(threadsDied({ pool: this.#options.pool, cause }))
  }

  #exit(code: number): void {
    this.#die(`it exited with code ${code}`)
    this.#options.onExit(this)
    this.#exited.resolve()
  }
}
