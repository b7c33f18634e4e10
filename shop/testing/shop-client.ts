import { createSystemClock, sleep } from 'banyan/kernel'

/** What became of a request, as its sender knows. */
export type Reply =
  | { readonly type: 'answer'; readonly status: number; readonly body: Record<string, unknown> }
  /** No answer: it may have happened. */
  | { readonly type: 'unknown' }

/** A request that its sender repeats, under one key, until there is a final answer. */
export interface KeyedRequest {
  readonly path: string
  readonly token: string
  readonly key: string
  readonly body: object
}

const clock = createSystemClock()
const attemptMs = 20_000

/** Sends a keyed POST once. */
export async function send(url: string, request: KeyedRequest): Promise<Reply> {
  try {
    const response = await fetch(url + request.path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${request.token}`,
        'content-type': 'application/json',
        'idempotency-key': request.key,
      },
      body: JSON.stringify(request.body),
      signal: AbortSignal.timeout(attemptMs),
    })
    const body = (await response.json()) as Record<string, unknown>
    return { type: 'answer', status: response.status, body }
  } catch {
    return { type: 'unknown' }
  }
}

/** Whether a reply is the last word: not lost, not refused for the moment, not pending. */
export function isFinal(reply: Reply): boolean {
  if (reply.type === 'unknown' || reply.status >= 500 || reply.status === 429) return false
  const { status, state } = reply.body
  return status !== 'pending' && state !== 'cancelling' && state !== 'refunding'
}

/** Sends a keyed POST until it is answered for good, every 50 ms for at most `withinMs`.
 *  @throws when it is not */
export async function sendUntilFinal(
  url: string,
  request: KeyedRequest,
  withinMs: number,
): Promise<Reply> {
  const endMs = clock.monotonicMs() + withinMs
  for (;;) {
    const reply = await send(url, request)
    if (isFinal(reply)) return reply
    if (clock.monotonicMs() > endMs) {
      throw new Error(`no final answer to ${request.path}: ${JSON.stringify(reply)}`)
    }
    await sleep(clock, 50)
  }
}
