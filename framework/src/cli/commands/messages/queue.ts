import type { MessageOperator } from '../../../messages/index.ts'
import { cliFlagInvalid } from '../../errors.ts'
import { messageJson } from '../../messages/message-json.ts'
import { limitsText } from '../../messages/message-text.ts'
import { openOperator } from '../../messages/open-operator.ts'
import type { QueueSettings } from '../../messages/operated.ts'
import { print } from '../../terminal.ts'

export interface QueueFlags {
  readonly json?: boolean
}

type LimitChange = Parameters<MessageOperator['limit']>[1]

export interface LimitFlags extends QueueFlags {
  /** `default`: what is declared. */
  readonly concurrency?: number | 'default'
  readonly rate?: NonNullable<LimitChange['rate']> | 'default'
}

/** `banyan messages pause`: nothing of a queue begins. */
export function pause(flags: QueueFlags, queue: string, folder: string): Promise<void> {
  return set(flags, folder, (operator) => operator.pause(queue))
}

/** `banyan messages resume`: undoes `pause`. */
export function resume(flags: QueueFlags, queue: string, folder: string): Promise<void> {
  return set(flags, folder, (operator) => operator.resume(queue))
}

/** `banyan messages limit`: how fast a queue is worked on. */
export async function limit(flags: LimitFlags, queue: string, folder: string): Promise<void> {
  const { concurrency, rate } = flags
  if (concurrency === undefined && rate === undefined) {
    const wanted = 'For example --concurrency 4, --rate 100/1s, or --rate default.'
    throw cliFlagInvalid({ flag: 'the limit', cause: 'none is given', wanted })
  }
  const change: LimitChange = {
    ...(concurrency === undefined ? {} : { concurrencyMax: valueOf(concurrency) }),
    ...(rate === undefined ? {} : { rate: valueOf(rate) }),
  }
  await set(flags, folder, (operator) => operator.limit(queue, change))
}

async function set(
  { json }: QueueFlags,
  folder: string,
  run: (operator: MessageOperator) => Promise<QueueSettings>,
): Promise<void> {
  await using open = await openOperator(folder)
  const settings = await run(open.operator)
  if (json === true) return print(messageJson({ schema: 'banyan.messages.queue/1', ...settings }))
  const { queue, isPaused } = settings
  const limits = limitsText(settings)
  print(`${queue}: ${isPaused || limits !== '-' ? limits : 'running, no limits'}`)
}

function valueOf<Value>(given: Value | 'default'): Value | null {
  return given === 'default' ? null : given
}
