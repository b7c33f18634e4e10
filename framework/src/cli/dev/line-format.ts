import { formatDuration } from '../../kernel/index.ts'

/** A parsed line of the application's log. */
export type LogEntry = Readonly<Record<string, unknown>>

const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
const hidden: readonly string[] = ['level', 'time', 'name', 'msg', 'traceId', 'spanId', 'err']

/** A log line of the application as people read it; what is not one of ours passes unchanged.
 *  Requests become `POST /checkouts 201 11 ms  trace 4bf92f35`. */
export function formatLine(line: string): string {
  const entry = tryParseLine(line)
  if (entry === undefined) return line
  if (entry['msg'] === 'request') return formatRequest(entry)
  const level = levelNames[Number(entry['level'])] ?? 'info'
  const fields = Object.entries(entry)
    .filter(([name]) => !hidden.includes(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [`${level.padEnd(5)} ${String(entry['msg'])}`, ...fields, trace(entry)]
    .filter((part) => part !== '')
    .join('  ')
    .concat(cause(entry))
}

/** A log line as an object, or undefined when it is something else. */
export function tryParseLine(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return undefined
  }
}

function formatRequest(entry: LogEntry): string {
  const { method, path, status, durationMs, code } = entry as Record<string, string | number>
  const took = formatDuration(Number(durationMs))
  const failed = code === undefined ? '' : `  ${code}`
  return `${method} ${path} ${status} ${took}${failed}  ${trace(entry)}`
}

function trace(entry: LogEntry): string {
  const id = entry['traceId']
  return typeof id === 'string' ? `trace ${id.slice(0, 8)}` : ''
}

function cause(entry: LogEntry): string {
  const { stack } = (entry['err'] ?? {}) as { stack?: unknown }
  return typeof stack === 'string' ? `\n${stack}` : ''
}
