import { formatDuration } from '../../kernel/index.ts'
import { printable } from '../printable.ts'
import { textTable } from '../text-table.ts'
import type { ListedMessage, MessagesOverview, QueueSettings, ShownMessage } from './operated.ts'

type QueueOverview = MessagesOverview['queues'][number]

const overviewHead: readonly string[] = [
  ...['QUEUE', 'READY', 'WAITING', 'LEASED', 'BLOCKED', 'LISTENING', 'PARKED', 'OLDEST', 'LIMITS'],
]
const countedStates = ['ready', 'waiting', 'leased', 'blocked', 'listening', 'parked'] as const

/** Queues as a table; those in which nothing lies only where `isWhole`. */
export function overviewText({ queues, outboxes }: MessagesOverview, isWhole: boolean): string {
  const shown = queues.filter((queue) => isWhole || isWorthALook(queue))
  const rest = queues.length - shown.length
  const table = shown.length === 0 ? [] : textTable([overviewHead, ...shown.map(overviewCells)])
  const waiting = outboxes
    .filter(({ count }) => count > 0)
    .map(({ module, count, oldestMs, isPartial }) => {
      const age = formatDuration(Math.max(0, oldestMs ?? 0))
      return `outbox of ${module}: ${count}${isPartial ? '+' : ''} not carried away yet, oldest ${age}`
    })
  const empty = rest === 0 ? [] : [`${rest} empty queue${rest === 1 ? '' : 's'}; --all shows them`]
  const lines = [...table, ...waiting, ...empty]
  return lines.length === 0 ? 'no module has messages' : lines.join('\n')
}

function isWorthALook({ counts, isPaused, overridden }: QueueOverview): boolean {
  return isPaused || overridden.length > 0 || Object.values(counts).some((count) => count > 0)
}

function overviewCells(queue: QueueOverview): readonly string[] {
  const { counts, partial, oldestMs } = queue
  return [
    queue.isDeclared ? queue.queue : `${queue.queue} (not declared)`,
    ...countedStates.map((state) => {
      const count = counts[state] ?? 0
      return partial.includes(state) && count > 0 ? `${count}+` : String(count)
    }),
    oldestMs === undefined ? '-' : formatDuration(oldestMs),
    limitsText(queue),
  ]
}

/** `paused, 4 at once (set), 10 in 1.0 s`; `-` without any. */
export function limitsText(settings: QueueSettings): string {
  const { isPaused, concurrencyMax, rate, overridden } = settings
  const mark = (name: 'concurrencyMax' | 'rate'): string =>
    overridden.includes(name) ? ' (set)' : ''
  const parts = [
    ...(isPaused ? ['paused'] : []),
    ...(concurrencyMax === undefined ? [] : [`${concurrencyMax} at once${mark('concurrencyMax')}`]),
    ...(rate === undefined
      ? []
      : [`${rate.count} in ${formatDuration(rate.perMs)}${mark('rate')}`]),
  ]
  return parts.join(', ') || '-'
}

const listHead: readonly string[] = [
  ...['ID', 'QUEUE', 'STATE', 'AGE', 'ATTEMPTS', 'DEATHS', 'KEY', 'PROBLEM'],
]

/** A page of messages as a table. */
export function listText(messages: readonly ListedMessage[]): string {
  return textTable([listHead, ...messages.map(listCells)]).join('\n')
}

const problemCharsMax = 60

function listCells(message: ListedMessage): readonly string[] {
  const { id, queue, ageMs, attempts, deaths, key, problem } = message
  const why = problem === undefined ? '-' : `${problem.code} ${problem.message}`
  return [
    ...[id, queue, stateText(message), formatDuration(ageMs), String(attempts), String(deaths)],
    clipped(printable(key ?? '-'), 30),
    clipped(printable(why), problemCharsMax),
  ]
}

function stateText({ state, isCancelling, progress }: ListedMessage): string {
  if (isCancelling) return `${state}, cancelling`
  return progress === undefined ? state : `${state} ${Math.round(progress * 100)} %`
}

/** One message with all that is known of it. */
export function shownText(message: ShownMessage): string {
  const { id, queue, position, version, key, unique, attempts, deaths, epoch } = message
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['queue', `${queue}, version ${version}, position ${position}`],
    ['state', stateText(message)],
    ['key', key],
    ['unique', unique],
    ['priority', message.priority === 0 ? undefined : String(message.priority)],
    ['created', `${message.createdAt.toISOString()} (${formatDuration(message.ageMs)} ago)`],
    ['due', message.dueAt?.toISOString()],
    ['lease', leaseText(message)],
    ['runs', `${attempts} failed, ${deaths} died, ${epoch} leases and changes`],
    ['note', message.note],
    ['ended', message.endedAt?.toISOString()],
    ['headers', message.headers],
  ]
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(9)} ${printable(value)}`],
  )
  const records = message.records.map((record) => `  ${recordText(record)}`)
  return [id, ...lines, ...records, ...problemLines(message), 'payload', payloadText(message)].join(
    '\n',
  )
}

/** `2 step  charge  2026-11-22T12:00:00.000Z, undone` */
function recordText(record: ShownMessage['records'][number]): string {
  const { number, kind, name, isUndone, endedAt, dueAt } = record
  const until = dueAt === undefined ? '' : `until ${dueAt.toISOString()}`
  const when = kind === 'sleep' || kind === 'wait' ? until : (endedAt?.toISOString() ?? '')
  const what = kind === 'failure' ? 'failure' : `${kind} ${number}`
  return `${what.padEnd(9)} ${printable(`${name} ${when}`.trim())}${isUndone ? ', undone' : ''}`
}

function leaseText({ leasedBy, leasedUntil }: ShownMessage): string | undefined {
  if (leasedUntil === undefined) return undefined
  return `by ${leasedBy ?? 'somebody'} until ${leasedUntil.toISOString()}`
}

function problemLines({ problem }: ShownMessage): readonly string[] {
  if (problem === undefined) return []
  const { code, message, stack, cause, compensation, undo } = problem
  return [
    'problem',
    indented(`${code}  ${message}`),
    ...(compensation === undefined ? [] : [`  undoing its steps: ${compensation}`]),
    ...(undo === undefined ? [] : [indented(`${undo.code}  ${undo.message}`)]),
    ...(cause === undefined ? [] : [indented(`cause  ${cause}`)]),
    ...(stack === undefined ? [] : [indented(stack)]),
  ]
}

function payloadText({ payload }: ShownMessage): string {
  try {
    return indented(JSON.stringify(JSON.parse(payload), undefined, 2))
  } catch {
    return indented(payload)
  }
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${printable(line)}`)
    .join('\n')
}

function clipped(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`
}
