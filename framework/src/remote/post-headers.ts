import type { IncomingHttpHeaders } from 'node:http'
import type { IncomingCall, OutgoingCall } from '../call/index.ts'
import {
  anonymous,
  type Criticality,
  formatTraceparent,
  type Principal,
  tryParseTraceparent,
} from '../kernel/index.ts'
import { tryDecodePrincipal } from './principal-text.ts'

/** What `POST /rpc/<module>/<operation>` says outside its body, which is the input as JSON. Names are
 *  lower-case, as Node reads them. */
export const postHeader = {
  /** The service that asks, as it says itself; a client certificate counts more. */
  service: 'banyan-service',
  /** The module that asks; absent for a caller from outside. */
  caller: 'banyan-caller',
  /** `1` when access was already judged. */
  authorized: 'banyan-authorized',
  /** Whole milliseconds left of the caller's deadline. */
  timeoutMs: 'banyan-timeout-ms',
  /** `{"subject","roles"}` as base64url; absent for an anonymous caller. */
  principal: 'banyan-principal',
  criticality: 'banyan-criticality',
  token: 'banyan-token',
  idempotencyKey: 'idempotency-key',
  trace: 'traceparent',
  /** Of an answer: `answered` (the body is the output) or `failed` (it is an encoded error). Absent
   *  when something on the road answered instead of the callee. */
  outcome: 'banyan-outcome',
} as const

/** How the callee says that an answer is its own; the value of `postHeader.outcome`. */
export type PostOutcome = 'answered' | 'failed'

/** Where an operation is asked for. */
export const postPathPrefix = '/rpc/'

/** `inventory.reserve` → `/rpc/inventory/reserve` */
export function postPath(operation: string): string {
  return postPathPrefix + operation.replace('.', '/')
}

/** The operation that a path asks for, or undefined when it is none of this carrier. */
export function tryParsePostPath(path: string): string | undefined {
  if (!path.startsWith(postPathPrefix)) return undefined
  const parts = path.slice(postPathPrefix.length).split('/')
  return parts.length === 2 && parts.every(isModuleName) ? parts.join('.') : undefined
}

/** Whether a contract may bear this name; operations follow the same rule. */
export function isModuleName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]{0,62}$/.test(name)
}

/** Whether it reads `<module>.<operation>`. */
export function isOperationName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]{0,62}\.[a-z][A-Za-z0-9]{0,62}$/.test(name)
}

/** What is left of a deadline as carriers say it: whole milliseconds, rounded up, 0..2^31−1. */
export function wireTimeoutMs(remainingMs: number): number {
  return Math.min(Math.max(0, Math.ceil(remainingMs)), 2 ** 31 - 1)
}

/** The headers of a call that `service` makes; read at each attempt, for the time left shrinks. */
export function encodePostHeaders(call: OutgoingCall, service: string): Record<string, string> {
  const { callerModule, idempotencyKey, token, principal } = call
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    [postHeader.service]: encodeText(service),
    [postHeader.timeoutMs]: String(wireTimeoutMs(call.remainingMs)),
    [postHeader.criticality]: call.criticality,
    [postHeader.trace]: formatTraceparent(call.trace),
  }
  if (call.isAuthorized) headers[postHeader.authorized] = '1'
  if (callerModule !== undefined) headers[postHeader.caller] = encodeText(callerModule)
  if (idempotencyKey !== undefined) headers[postHeader.idempotencyKey] = encodeText(idempotencyKey)
  if (token !== undefined) headers[postHeader.token] = encodeText(token)
  if (principal.subject !== '' || principal.roles.length > 0) {
    headers[postHeader.principal] = encodePrincipal(principal)
  }
  return headers
}

/** A call as its headers tell it, without operation and input, and the service that asks. */
export type PostedCall = Omit<IncomingCall, 'operation' | 'input'> & { readonly service: string }

/** What the headers of a call say.
 *  @returns undefined when they are not those of this protocol. */
export function tryDecodePostHeaders(headers: IncomingHttpHeaders): PostedCall | undefined {
  try {
    return decode((name) => {
      const value = headers[name]
      return typeof value === 'string' ? value : undefined
    })
  } catch {
    return undefined
  }
}

function decode(read: (name: string) => string | undefined): PostedCall | undefined {
  const timeoutText = read(postHeader.timeoutMs) ?? ''
  const criticality = read(postHeader.criticality)
  const trace = tryParseTraceparent(read(postHeader.trace) ?? '')
  const principal = decodePrincipal(read(postHeader.principal))
  const service = decodeText(read(postHeader.service))
  if (!/^\d{1,10}$/.test(timeoutText) || !isCriticality(criticality)) return undefined
  if (trace === undefined || principal === undefined || service === undefined) return undefined
  return {
    ...{ service, trace, principal, criticality, timeoutMs: Number(timeoutText) },
    callerModule: decodeText(read(postHeader.caller)),
    isAuthorized: read(postHeader.authorized) === '1',
    idempotencyKey: decodeText(read(postHeader.idempotencyKey)),
    token: decodeText(read(postHeader.token)),
  }
}

const criticalities: readonly string[] = [
  'critical',
  'default',
  'sheddable',
  'background',
] satisfies readonly Criticality[]

function isCriticality(value: string | undefined): value is Criticality {
  return value !== undefined && criticalities.includes(value)
}

/** Visible ASCII stands for itself, so that a mesh can route by it; all else, and `%`, is escaped. */
function encodeText(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]+|%/g, encodeURIComponent)
}

/** @throws URIError for a broken escape */
function decodeText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : decodeURIComponent(text)
}

function encodePrincipal({ subject, roles }: Principal): string {
  return Buffer.from(JSON.stringify({ subject, roles })).toString('base64url')
}

function decodePrincipal(header: string | undefined): Principal | undefined {
  if (header === undefined) return anonymous
  return tryDecodePrincipal(Buffer.from(header, 'base64url').toString())
}
