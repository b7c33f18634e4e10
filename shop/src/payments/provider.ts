import { sleep } from 'banyan/kernel'
import { z } from 'zod'
import type { ProviderContext } from './context.ts'
import { payments } from './contract.ts'

/** One question to the provider. */
export interface ProviderRequest {
  readonly paymentId: string
  readonly path: string
  /** The same question asked again carries the same key. */
  readonly key: string
  readonly body: Readonly<Record<string, string>>
}

const answerSchema = z.object({
  id: z.string().min(1).max(100),
  state: z.enum(['authorised', 'declined', 'captured', 'voided']),
  declineReason: z.string().optional(),
  amountMinor: z.string().optional(),
  currency: z.string().optional(),
})
const refusalSchema = z.object({ reason: z.string().max(200) })

/** A payment as the provider tells it. */
export type PaymentAnswer = { readonly type: 'payment' } & z.output<typeof answerSchema>

/** What the provider said: a payment, or a refusal that asking again will not change. */
export type ProviderAnswer = PaymentAnswer | { readonly type: 'refusal'; readonly reason: string }

/** Time that is kept back for recording the answer. */
const recordingMs = 300
const pauseMs = 50

/** Asks the provider until it answers, `attemptsMax` times and within the deadline, always under the
 *  same key.
 *  @throws PAYMENTS_PROVIDER_UNRESOLVED: it may have happened */
export async function askProvider(
  ctx: ProviderContext,
  request: ProviderRequest,
): Promise<ProviderAnswer> {
  const { paymentId } = request
  let cause = 'no time left to ask'
  for (let attempt = 0; attempt < ctx.config.attemptsMax; attempt++) {
    if (attempt > 0) await pause(ctx, attempt)
    const attemptMs = Math.min(ctx.config.attemptMs, ctx.remainingMs - recordingMs)
    if (attemptMs <= 0) break
    const outcome = await tryAsk(ctx, request, attemptMs)
    if (typeof outcome !== 'string') return outcome
    cause = outcome
  }
  throw payments.failures.providerUnresolved({ paymentId, cause })
}

/** One attempt: an answer, or why there is none. */
async function tryAsk(
  ctx: ProviderContext,
  { path, key, body }: ProviderRequest,
  attemptMs: number,
): Promise<ProviderAnswer | string> {
  const impatience = new AbortController()
  const timer = ctx.clock.after(attemptMs, () => impatience.abort())
  try {
    const response = await ctx.fetch(ctx.config.pspUrl + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ctx.config.pspSecret}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: impatience.signal,
    })
    return answerOf(response.status, await response.json())
  } catch (error) {
    ctx.signal.throwIfAborted()
    if (impatience.signal.aborted) return `no answer within ${Math.round(attemptMs)} ms`
    return error instanceof Error ? error.message : String(error)
  } finally {
    timer.stop()
  }
}

/** The meaning of a response; text where asking again may help. */
export function answerOf(status: number, body: unknown): ProviderAnswer | string {
  if (status === 200 || status === 201) {
    const answer = answerSchema.safeParse(body)
    return answer.success ? { type: 'payment', ...answer.data } : 'an answer we cannot read'
  }
  const refusal = refusalSchema.safeParse(body)
  const reason = refusal.data?.reason ?? `status ${status}`
  return status === 409 || status === 404 ? { type: 'refusal', reason } : `${status}: ${reason}`
}

function pause(ctx: ProviderContext, attempt: number): Promise<void> {
  const spreadMs = Math.min(1_000, pauseMs * 2 ** attempt)
  return sleep(ctx.clock, spreadMs * ctx.random.fraction(), ctx.signal)
}
