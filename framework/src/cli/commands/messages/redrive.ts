import { createSystemClock } from '../../../kernel/index.ts'
import type { MessageOperator } from '../../../messages/index.ts'
import { cliConfirmationMissing } from '../../errors.ts'
import { exitCodes } from '../../exit-codes.ts'
import { messageJson } from '../../messages/message-json.ts'
import { openOperator } from '../../messages/open-operator.ts'
import { watchStopSignals } from '../../stop-signal.ts'
import { print, printError } from '../../terminal.ts'
import { change } from './change.ts'

export interface RedriveFlags {
  readonly module?: string
  readonly yes?: boolean
  readonly json?: boolean
}

const sayEveryMs = 1_000

/** `banyan messages redrive`: lets one parked message, or all of a queue, run again. */
export async function redrive(flags: RedriveFlags, target: string, folder: string): Promise<void> {
  if (isId(target)) {
    return change(flags, folder, (operator) => operator.redrive(target, flags.module))
  }
  await using open = await openOperator(folder)
  const { operator } = open
  const parked = await operator.countParked(target)
  if (parked > 0 && flags.yes !== true) {
    throw cliConfirmationMissing({ action: `redrive ${parked} parked messages of ${target}` })
  }
  const result = await redriveQueue(operator, target)
  const isWhole = !result.isStopped
  if (flags.json === true) {
    print(messageJson({ schema: 'banyan.messages.redrive/1', queue: target, ...result }))
  } else print(resultText(target, result))
  process.exitCode = isWhole ? exitCodes.ok : exitCodes.interrupted
}

interface Result {
  readonly redriven: number
  readonly skipped: number
  /** A signal came before the end. */
  readonly isStopped: boolean
}

/** Says on standard error how far it is, at most once a second; a signal ends it between batches. */
async function redriveQueue(operator: MessageOperator, queue: string): Promise<Result> {
  const clock = createSystemClock()
  const stop = new AbortController()
  void watchStopSignals(clock).first.then(() => stop.abort())
  let saidMs = clock.monotonicMs()
  const result = await operator.redriveQueue(queue, {
    signal: stop.signal,
    progress: ({ done, total }) => {
      const nowMs = clock.monotonicMs()
      if (nowMs - saidMs < sayEveryMs) return
      saidMs = nowMs
      printError(`  ${done} of ${total}`)
    },
  })
  return { ...result, isStopped: stop.signal.aborted }
}

function resultText(queue: string, { redriven, skipped, isStopped }: Result): string {
  const left = skipped === 0 ? '' : `, ${skipped} left: another one under their unique text waits`
  const end = isStopped ? '; stopped before the end' : ''
  if (redriven + skipped === 0 && !isStopped) return `nothing is parked in ${queue}`
  return `${redriven} of ${queue} redriven${left}${end}`
}

function isId(target: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(target)
}
