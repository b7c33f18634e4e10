import type { Clock, LogLevel, Timer, Trace } from '../kernel/index.ts'
import type { LogSink } from './log-sink.ts'
import { encodeLogValue, quoteText } from './log-value.ts'

/** pino's numbers for the levels. */
const levelNumbers: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
}

export interface LogsOptions {
  readonly clock: Clock
  readonly sink: LogSink
  /** Lines below it are not written. */
  readonly level: LogLevel
  /** Fixed fields of every line, such as the service's name. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** One request as the access log tells it. */
export interface AccessEntry {
  readonly trace: Trace
  readonly method: string
  /** Path without the query string, which may hold secrets. */
  readonly path: string
  readonly operation: string
  readonly status: number
  readonly durationMs: number
  readonly requestBytes: number
  readonly responseBytes: number
  /** Empty when the request succeeded. */
  readonly errorCode: string
  /** Caller's subject; empty for an anonymous one. */
  readonly subject: string
}

/** Field names that are never written, at any depth, in any case. */
const defaultSecrets: readonly string[] = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accesstoken',
]

const flushAfterMs = 20
const flushAtChars = 16 * 1024

/** Writes NDJSON with pino's field names, joined into one write per 20 ms or 16 KiB.
 *  Cost: an access line about 0.3 µs, an application line about 1 µs. */
export class Logs {
  readonly #clock: Clock
  readonly #sink: LogSink
  readonly #threshold: number
  readonly #head: Readonly<Record<LogLevel, string>>
  readonly #tail: string
  readonly #secrets = new Set(defaultSecrets)
  #buffer = ''
  #timer: Timer | undefined

  constructor(options: LogsOptions) {
    this.#clock = options.clock
    this.#sink = options.sink
    this.#threshold = levelNumbers[options.level]
    this.#tail = Object.entries(options.fields)
      .map(([key, value]) => `,${JSON.stringify(key)}:${encodeLogValue(value, new Set())}`)
      .join('')
    this.#head = Object.fromEntries(
      Object.entries(levelNumbers).map(([level, number]) => [level, `{"level":${number},"time":`]),
    ) as Readonly<Record<LogLevel, string>>
  }

  get droppedLines(): number {
    return this.#sink.droppedLines
  }

  /** Adds field names whose values are written as `[redacted]` from now on. */
  redactFields(names: Iterable<string>): void {
    for (const name of names) this.#secrets.add(name.toLowerCase())
  }

  /** Whether lines of this level are written. */
  isEnabled(level: LogLevel): boolean {
    return levelNumbers[level] >= this.#threshold
  }

  /** Writes one line. Fields may be anything; what JSON cannot hold is described, not thrown. */
  log(
    level: LogLevel,
    fields: Readonly<Record<string, unknown>>,
    message: string,
    trace?: Trace,
  ): void {
    if (!this.isEnabled(level)) return
    let line = `${this.#head[level]}${this.#clock.nowMs()}${this.#tail}`
    if (trace !== undefined) line += `,"traceId":"${trace.traceId}","spanId":"${trace.spanId}"`
    for (const key of Object.keys(fields)) line += this.#field(key, fields)
    this.#append(`${line},"msg":${JSON.stringify(message)}}\n`)
  }

  /** Writes one access line, of a shape known in advance. */
  access(entry: AccessEntry): void {
    if (this.#threshold > 30) return
    const { trace } = entry
    let line = `${this.#head.info}${this.#clock.nowMs()}${this.#tail},"traceId":"${trace.traceId}","spanId":"${trace.spanId}","method":"${entry.method}","path":${quoteText(entry.path)},"operation":"${entry.operation}","status":${entry.status},"durationMs":${Math.round(entry.durationMs * 1_000) / 1_000},"requestBytes":${entry.requestBytes},"responseBytes":${entry.responseBytes}`
    if (entry.subject !== '') line += `,"subject":${quoteText(entry.subject)}`
    if (entry.errorCode !== '') line += `,"code":"${entry.errorCode}"`
    this.#append(`${line},"msg":"request"}\n`)
  }

  /** Hands everything written so far to the sink and waits for it, at most a second. */
  async flush(): Promise<void> {
    this.#drain()
    await Promise.race([
      this.#sink.flush(),
      new Promise<void>((resolve) => void this.#clock.after(1_000, resolve, { background: true })),
    ])
  }

  #field(key: string, fields: Readonly<Record<string, unknown>>): string {
    if (this.#secrets.has(key.toLowerCase())) return `,${JSON.stringify(key)}:"[redacted]"`
    let value: unknown
    try {
      value = fields[key]
    } catch {
      value = '[unreadable]'
    }
    if (value === undefined) return ''
    return `,${JSON.stringify(key)}:${encodeLogValue(value, this.#secrets)}`
  }

  #append(line: string): void {
    this.#buffer += line
    if (this.#buffer.length >= flushAtChars) this.#drain()
    else if (this.#timer === undefined) {
      this.#timer = this.#clock.after(flushAfterMs, () => this.#drain(), { background: true })
    }
  }

  #drain(): void {
    this.#timer?.stop()
    this.#timer = undefined
    if (this.#buffer === '') return
    const lines = this.#buffer
    this.#buffer = ''
    this.#sink.write(lines)
  }
}
