import {
  endAbandoned,
  type EndReason,
  Lifeline,
  type Orders,
  takeOrders,
  type Task,
  type ToChild,
} from '../../cluster/index.ts'
import { type Clock, createSystemClock, createSystemRandom } from '../../kernel/index.ts'
import { exitCodeOfError, exitCodes } from '../exit-codes.ts'
import { formatError } from '../report-error.ts'
import { watchStopSignals } from '../stop-signal.ts'
import { printError } from '../terminal.ts'

/** What a keeper has in its hands. */
export interface Keeping {
  readonly orders: Orders
  readonly clock: Clock
  readonly lifeline: Lifeline
  /** Ends this process because what it keeps has ended, or cannot be started. */
  readonly giveUp: (error: unknown) => void
  /** Calls `obey` with each order of the gateway, from the first on. */
  readonly onGateway: (obey: (order: GatewayOrder) => void) => void
}

export type GatewayOrder = Extract<ToChild, { type: 'gateway' }>

/** Something that a keeper keeps running. */
export interface Kept {
  /** Ends it: in order, or by force. Idempotent; force may follow order. */
  stop(options: { readonly isHasty: boolean }): Promise<void>
}

/** How a kind of thing is kept. */
export interface Keeper {
  readonly kind: Extract<Task['kind'], 'postgres' | 'companion' | 'gateway'>
  readonly start: (keeping: Keeping) => Promise<Kept>
  /** Whether another start cannot succeed either. */
  readonly isFinal?: (error: unknown) => boolean
}

/** Keeps one engine, or one companion, running for as long as the supervisor wants it; without a
 *  supervisor until everybody who needs it has ended. Ends the process. */
export async function keep(keeper: Keeper): Promise<never> {
  const { keeping, stop, failed } = openKeeping()
  const { lifeline, orders, clock } = keeping
  const starting = keeper.start(keeping)
  starting.catch(keeping.giveUp)
  const end = await Promise.race([stop, lifeline.ended, failed])
  const kept = await starting.catch(() => undefined)
  if (isFailure(end)) {
    await kept?.stop({ isHasty: true })
    return fail(lifeline, keeper, end.error)
  }
  if (end?.why === 'abandoned') await endAbandoned(clock, keeper.kind, orders)
  lifeline.draining()
  void lifeline.ended.then((reason) => {
    if (isHasty(reason)) void kept?.stop({ isHasty: true })
  })
  await kept?.stop({ isHasty: isHasty(end) })
  lifeline.close()
  process.exit(exitCodes.ok)
}

function openKeeping(): {
  readonly keeping: Keeping
  readonly stop: Promise<void>
  readonly failed: Promise<{ readonly error: unknown }>
} {
  const orders = takeOrders(process.env)
  const clock = createSystemClock()
  const obeying = Promise.withResolvers<(order: GatewayOrder) => void>()
  const lifeline = new Lifeline({
    orders: orders.lifeline,
    clock,
    random: createSystemRandom(),
    onGateway: (order) => void obeying.promise.then((obey) => obey(order)),
  })
  const failed = Promise.withResolvers<{ readonly error: unknown }>()
  const giveUp = (error: unknown): void => failed.resolve({ error })
  const keeping = { orders, clock, lifeline, giveUp, onGateway: obeying.resolve }
  return { keeping, stop: watchStopSignals(clock).first, failed: failed.promise }
}

async function fail(lifeline: Lifeline, { isFinal }: Keeper, error: unknown): Promise<never> {
  printError(formatError(error, false))
  const exitCode = exitCodeOfError(error)
  await lifeline.failed(error, exitCode === exitCodes.configuration || isFinal?.(error) === true)
  process.exit(exitCode)
}

type End = EndReason | { readonly error: unknown } | undefined

function isFailure(end: End | void): end is { readonly error: unknown } {
  return end !== undefined && 'error' in end
}

function isHasty(end: EndReason | void): boolean {
  return end?.why === 'stopped' && end.isHasty
}
