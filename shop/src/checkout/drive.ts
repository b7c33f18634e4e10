import { asBanyanError } from 'banyan/kernel'
import type { CheckoutContext } from './context.ts'
import type { CheckoutFaultPoint } from './fault-points.ts'
import { transactionNow } from './transaction-now.ts'
import { advanceCheckout, deferCheckout, findCheckout, takeDueCheckouts } from './record.ts'
import type { Checkout } from './rows.ts'
import { isOngoing, type OngoingState } from './state.ts'
import { steps } from './steps.ts'

const takenPerRunMax = 20

/** Takes a checkout from where it stands to its end. When a step does not answer it is put off, and
 *  the checkout that is returned is still under way.
 *  Any number may drive one checkout at once: each step happens once by its key, and the row moves
 *  only from the state that it is in. A step that fails because somebody else has moved on is not a
 *  failure of the checkout. */
export async function driveCheckout(ctx: CheckoutContext, taken: Checkout): Promise<Checkout> {
  let checkout = taken
  while (isOngoing(checkout.state)) {
    const { id, state } = checkout
    try {
      checkout = await takeStep(ctx, checkout, state)
    } catch (error) {
      const isOpen = mayAnswerLater(error)
      const delay = { nowMs: ctx.clock.nowMs(), retryMs: ctx.config.retryMs }
      checkout = await transactionNow(ctx, (tx) =>
        isOpen ? deferCheckout(tx, { id, state }, delay) : findCheckout(tx, id),
      )
      if (checkout.state !== state) continue
      if (!isOpen) throw error
      ctx.log.warn({ checkoutId: id, step: steps[state].name, err: error }, 'checkout put off')
      return checkout
    }
  }
  await reach(ctx, 'checkout.finish.after')
  return checkout
}

/** Continues checkouts that stand still: their process died, or a step had not answered. */
export async function recoverCheckouts(ctx: CheckoutContext): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  const taken = await ctx.transaction((tx) =>
    takeDueCheckouts(tx, { nowMs, dueAt: leaseEnd(ctx), countMax: takenPerRunMax }),
  )
  const driven = taken.map(async (checkout) => {
    try {
      await driveCheckout(ctx, checkout)
    } catch (error) {
      ctx.log.error({ checkoutId: checkout.id, err: error }, 'a checkout cannot be continued')
    }
  })
  await Promise.all(driven)
}

/** When others may take over what is taken up now. */
export function leaseEnd({ clock, config }: CheckoutContext): Date {
  return new Date(clock.nowMs() + config.leaseMs)
}

async function takeStep(
  ctx: CheckoutContext,
  checkout: Checkout,
  state: OngoingState,
): Promise<Checkout> {
  const { name, run } = steps[state]
  await reach(ctx, `checkout.${name}.before`)
  const advance = await run(ctx, checkout)
  await reach(ctx, `checkout.${name}.after`)
  return transactionNow(ctx, (tx) => advanceCheckout(tx, checkout, advance, leaseEnd(ctx)))
}

/** Passes a fault point; its name is one of the list. */
export function reach(ctx: CheckoutContext, point: CheckoutFaultPoint): Promise<void> {
  return ctx.faultPoint(point)
}

/** Whether an error leaves the outcome open, so that taking the step again can settle it. */
function mayAnswerLater(error: unknown): boolean {
  const { kind } = asBanyanError(error)
  return kind === 'unavailable' || kind === 'unknown_outcome' || kind === 'exhausted'
}
