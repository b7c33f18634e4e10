import type { Route } from '../../contract/index.ts'
import { cliAnswerForeign, cliInstanceUnreachable } from '../errors.ts'
import { issuesOf, type Outcome } from './outcome.ts'

/** A call over HTTP. */
export interface HttpCall {
  /** Base address. */
  readonly url: string
  readonly route: Route
  readonly input: Readonly<Record<string, unknown>>
  readonly token: string | undefined
  readonly key: string | undefined
  readonly timeoutMs: number
}

/** Calls an operation by its route, once.
 *  @throws CLI_INSTANCE_UNREACHABLE · CLI_ANSWER_FOREIGN */
export async function callOverHttp(call: HttpCall): Promise<Outcome> {
  const { url, status, text } = await exchange(call)
  const parsed = tryParse(text)
  if (status < 300) {
    if (parsed === undefined && text !== '') throw cliAnswerForeign({ url, status })
    return { ok: true, json: text === '' ? 'null' : text }
  }
  if (typeof parsed?.['code'] !== 'string') throw cliAnswerForeign({ url, status })
  const { code, detail, title, fix, errors, details, traceId } = parsed
  return {
    ok: false,
    problem: {
      code: String(code),
      message: String(detail ?? title),
      fix: typeof fix === 'string' ? fix : '',
      issues: issuesOf(errors),
      details,
      traceId: typeof traceId === 'string' ? traceId : undefined,
    },
  }
}

async function exchange(call: HttpCall): Promise<{ url: string; status: number; text: string }> {
  const { route, token, key, timeoutMs } = call
  const { path, query, body } = placeInput(route, call.input)
  const url = `${call.url.replace(/\/$/, '')}${path}${query}`
  try {
    const response = await fetch(url, {
      method: route.method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    })
    return { url, status: response.status, text: await response.text() }
  } catch (error) {
    const { message } =
      error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error)
    throw cliInstanceUnreachable({ url: call.url, cause: message }, { cause: error })
  }
}

/** Puts each field of the input where the route wants it: path, query string or body. */
export function placeInput(
  { method, segments }: Route,
  input: Readonly<Record<string, unknown>>,
): { readonly path: string; readonly query: string; readonly body: string | undefined } {
  const rest = new Map(Object.entries(input))
  const parts = segments.map((segment) => {
    if (segment.type === 'literal') return segment.text
    const value = rest.get(segment.name)
    rest.delete(segment.name)
    return encodeURIComponent(asText(value))
  })
  const path = `/${parts.join('/')}`
  if (method !== 'GET' && method !== 'DELETE') {
    return { path, query: '', body: JSON.stringify(Object.fromEntries(rest)) }
  }
  const search = new URLSearchParams()
  for (const [name, value] of rest) {
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, asText(item))
  }
  return { path, query: search.size === 0 ? '' : `?${search.toString()}`, body: undefined }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function tryParse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
