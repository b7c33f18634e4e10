import type { Clock, LogLevel, Timer, Trace } from '../kernel/index.ts'
import type { LogSink } from './log-sink.ts'

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
const fieldDepthMax = 6

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
      .map(([key, value]) => `,${JSON.stringify(key)}:${encode(value, new Set())}`)
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
    for (const key of Object.keys(fields)) {
      const value = fields[key]
      if (value !== undefined) line += `,${JSON.stringify(key)}:${this.#field(key, value)}`
    }
    this.#append(`${line},"msg":${JSON.stringify(message)}}\n`)
  }

  /** Writes one access line, of a shape known in advance. */
  access(entry: AccessEntry): void {
    if (this.#threshold > 30) return
    const { trace } = entry
    let line = `${this.#head.info}${this.#clock.nowMs()}${this.#tail},"traceId":"${trace.traceId}","spanId":"${trace.spanId}","method":"${entry.method}","path":${quote(entry.path)},"operation":"${entry.operation}","status":${entry.status},"durationMs":${Math.round(entry.durationMs * 1_000) / 1_000},"requestBytes":${entry.requestBytes},"responseBytes":${entry.responseBytes}`
    if (entry.subject !== '') line += `,"subject":${quote(entry.subject)}`
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

  #field(key: string, value: unknown): string {
    return this.#secrets.has(key.toLowerCase()) ? '"[redacted]"' : encode(value, this.#secrets)
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

const plain = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/

function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}

function encode(value: unknown, secrets: ReadonlySet<string>): string {
  return JSON.stringify(plainOf(value, 0, secrets)) ?? '"[undefined]"'
}

/** A JSON-able picture of any value: bounded in depth, errors with their cause, bigint as text. */
function plainOf(value: unknown, depth: number, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (depth >= fieldDepthMax) return '[deeper]'
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString()
  if (value instanceof Error) return errorFields(value, depth, secrets)
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (value instanceof Map) return plainOf(Object.fromEntries(value), depth, secrets)
  if (value instanceof Set) return plainOf([...value], depth, secrets)
  if (Array.isArray(value))
    return value.slice(0, 100).map((item) => plainOf(item, depth + 1, secrets))
  const entries = Object.entries(value).slice(0, 100)
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      secrets.has(key.toLowerCase()) ? '[redacted]' : plainOf(item, depth + 1, secrets),
    ]),
  )
}

function errorFields(error: Error, depth: number, secrets: ReadonlySet<string>): unknown {
  const { details } = error as { details?: unknown }
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(details === undefined ? {} : { details: plainOf(details, depth + 1, secrets) }),
    ...(error.cause === undefined ? {} : { cause: plainOf(error.cause, depth + 1, secrets) }),
  }
}
