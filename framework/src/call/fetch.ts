import { type BanyanError, type Context, formatTraceparent } from '../kernel/index.ts'
import { spanKind, type Tracer } from '../telemetry/index.ts'
import { callFetchRefused, callFetchUnknown } from './errors.ts'

/** The global `fetch` inside a context: bounded by its deadline, cancelled with it, traced.
 *  @throws CALL_FETCH_REFUSED (nothing was sent) · CALL_FETCH_UNKNOWN (it may have happened) · the
 *    context's own reason when it was cancelled */
export async function tracedFetch(
  context: Context,
  tracer: Tracer,
  request: { readonly url: string; readonly init: RequestInit },
): Promise<Response> {
  const { url, init } = request
  const { origin } = new URL(url)
  const span = tracer.start(tracer.name(`fetch ${origin}`), spanKind.client, context.trace)
  const headers = new Headers(init.headers)
  headers.set('traceparent', formatTraceparent(span))
  const own = init.signal ?? undefined
  const signal = own === undefined ? context.signal : AbortSignal.any([context.signal, own])
  try {
    const response = await fetch(url, { redirect: 'error', ...init, headers, signal })
    span.end('', response.status)
    return response
  } catch (error) {
    const coded = context.cancelled ?? explain(error, origin)
    span.end(coded.code)
    throw coded
  }
}

const refusedCauses: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]

function explain(error: unknown, origin: string): BanyanError {
  const code = causeCode(error)
  const details = { origin, cause: code || String(error) }
  return refusedCauses.includes(code)
    ? callFetchRefused(details, { cause: error })
    : callFetchUnknown(details, { cause: error })
}

function causeCode(error: unknown): string {
  let current: unknown = error
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown }
    if (typeof code === 'string' && code !== 'ABORT_ERR') return code
    current = current instanceof AggregateError ? current.errors[0] : current.cause
  }
  return ''
}
