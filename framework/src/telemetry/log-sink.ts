import { write } from 'node:fs'
import { type Clock, createSystemClock } from '../kernel/index.ts'

/** Where log lines go. `write` must not wait; it may drop, and then counts what it dropped. */
export interface LogSink {
  write(lines: string): void
  /** Resolves when what was written has left the process, or after a second. */
  flush(): Promise<void>
  readonly droppedLines: number
}

const backlogBytesMax = 8 * 1024 * 1024
const flushMsMax = 1_000
/** First and longest pause before a full pipe is tried again. */
const fullMsMin = 1
const fullMsMax = 100

/** A sink on a file descriptor (1 = standard output). One write is in flight at a time; what comes
 *  meanwhile is joined into the next. Past 8 MiB of backlog lines are dropped and counted: a slow
 *  reader of logs must not stop the sale. */
export function createFileSink(descriptor: number): LogSink {
  return new FileSink(descriptor)
}

class FileSink implements LogSink {
  readonly #descriptor: number
  /** The machine's: a real pipe does not follow a clock of tests. */
  readonly #clock: Clock = createSystemClock()
  #backlog = ''
  #isWriting = false
  #idle: (() => void)[] = []
  droppedLines = 0

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  write(lines: string): void {
    if (this.#backlog.length > backlogBytesMax) {
      this.droppedLines += linesIn(lines)
      return
    }
    this.#backlog += lines
    if (!this.#isWriting) this.#next(Buffer.from(this.#take()))
  }

  flush(): Promise<void> {
    if (!this.#isWriting) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#clock.after(flushMsMax, resolve)
      this.#idle.push(() => {
        timer.stop()
        resolve()
      })
    })
  }

  #take(): string {
    const taken = this.#backlog
    this.#backlog = ''
    return taken
  }

  #next(chunk: Buffer, fullMs: number = fullMsMin): void {
    this.#isWriting = true
    write(this.#descriptor, chunk, 0, chunk.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        const pauseMs = Math.min(fullMsMax, fullMs * 2)
        this.#clock.after(fullMs, () => this.#next(chunk, pauseMs))
      } else if (error !== null) this.#lose(chunk)
      else if (written < chunk.length) this.#next(chunk.subarray(written))
      else if (this.#backlog !== '') this.#next(Buffer.from(this.#take()))
      else this.#settle()
    })
  }

  /** The descriptor takes nothing any more: what was on its way and what waits is lost. */
  #lose(chunk: Buffer): void {
    this.droppedLines += linesIn(chunk.toString()) + linesIn(this.#take())
    this.#settle()
  }

  #settle(): void {
    this.#isWriting = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1
}

/** A sink that keeps the newest lines in memory, for tests and the console. */
export function createMemorySink(
  linesMax: number = 10_000,
): LogSink & { readonly lines: readonly string[] } {
  const lines: string[] = []
  return {
    lines,
    droppedLines: 0,
    write(text) {
      for (const line of text.split('\n')) if (line !== '') lines.push(line)
      if (lines.length > linesMax) lines.splice(0, lines.length - linesMax)
    },
    flush: () => Promise.resolve(),
  }
}
