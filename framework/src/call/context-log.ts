import type { Context, LogLevel } from '../kernel/index.ts'
import type { Log, LogFields } from '../module/index.ts'
import type { Logs } from '../telemetry/index.ts'

/** `ctx.log`: application lines that name their operation and trace. */
export class ContextLog implements Log {
  readonly #logs: Logs
  readonly #context: Context
  readonly #operation: string

  constructor(logs: Logs, context: Context, operation: string) {
    this.#logs = logs
    this.#context = context
    this.#operation = operation
  }

  debug(fields: LogFields, message: string): void {
    this.#write('debug', fields, message)
  }

  info(fields: LogFields, message: string): void {
    this.#write('info', fields, message)
  }

  warn(fields: LogFields, message: string): void {
    this.#write('warn', fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.#write('error', fields, message)
  }

  #write(level: LogLevel, fields: LogFields, message: string): void {
    if (!this.#logs.isEnabled(level)) return
    const { trace } = this.#context
    this.#logs.log(level, { operation: this.#operation, ...fields }, message, trace)
  }
}
