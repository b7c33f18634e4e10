import type { Endpoint } from '../remote/index.ts'
import type { ErrorFields } from './error-fields.ts'
import type { SupervisorEvent } from './event.ts'
import type { PlannedSystem } from './planned-system.ts'

/** Of the control protocol; both ends say it in every message. */
export const protocolVersion = 1

/** Where a process is in its life. */
export type ChildPhase = 'starting' | 'ready' | 'draining'

/** What a process says of itself once it serves. */
export interface ReadyReport {
  /** Of an instance: where its peers reach it. */
  readonly peers?: Endpoint
  /** Of an instance with the public HTTP, and of the gateway. */
  readonly url?: string
  /** Of the keeper of PostgreSQL. */
  readonly databaseUrl?: string
  /** For people: `embedded PostgreSQL 18.4`. */
  readonly label?: string
}

/** An instance behind the gateway. */
export interface GatewayInstance {
  readonly id: string
  readonly address: { readonly host: string; readonly port: number }
  readonly state: 'ready' | 'drain'
}

/** What the supervisor's processes tell it. */
export type FromChild =
  | {
      readonly type: 'hello'
      readonly id: string
      readonly secret: string
      readonly pid: number
      /** As in `ProcessIdentity`. */
      readonly started: string
      readonly phase: ChildPhase
    }
  | { readonly type: 'ready'; readonly report: ReadyReport }
  | { readonly type: 'draining' }
  | { readonly type: 'failed'; readonly error: ErrorFields; readonly isFinal: boolean }
  | { readonly type: 'pong'; readonly rssBytes: number; readonly inFlight?: number }
  | { readonly type: 'gatewayApplied'; readonly revision: number; readonly error?: ErrorFields }

/** What the supervisor tells its processes. */
export type ToChild =
  | { readonly type: 'welcome' }
  /** Nobody waits for this process: it must end. */
  | { readonly type: 'refused'; readonly cause: string }
  | { readonly type: 'ping' }
  | { readonly type: 'stop'; readonly isHasty: boolean }
  | {
      readonly type: 'gateway'
      readonly revision: number
      readonly planFile: string
      readonly instances: readonly GatewayInstance[]
    }

/** What commands ask for. */
export type Request =
  | { readonly type: 'request'; readonly command: 'ps' | 'down' | 'attach' | 'describe' }
  | { readonly type: 'request'; readonly command: 'restart'; readonly target: string }
  | {
      readonly type: 'request'
      readonly command: 'apply'
      readonly system: PlannedSystem
      readonly options: ApplyOptions
    }

export interface ApplyOptions {
  /** Also where the new plan promises less than what runs. */
  readonly isForced: boolean
  /** Longest wait for new instances to become ready. */
  readonly deadlineMs: number
}

/** What the supervisor answers: any number of events, then one result or error. */
export type Reply =
  | { readonly type: 'event'; readonly event: SupervisorEvent }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly error: ErrorFields }

/** A message before it is known which. */
export interface AnyMessage {
  readonly type: string
}

/** A message as one line, without its end. */
export function encodeMessage(message: FromChild | ToChild | Request | Reply): string {
  return JSON.stringify({ v: protocolVersion, ...message })
}

/** A line as a message, or why it is none. */
export function decodeMessage(line: string): AnyMessage | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null) return 'not an object'
  const { v, type } = value as { readonly v?: unknown; readonly type?: unknown }
  if (v !== protocolVersion) {
    return `protocol version ${String(v)}; this process speaks ${protocolVersion}`
  }
  return typeof type === 'string' ? (value as AnyMessage) : 'no type'
}

/** The opening message of a process, if it is one and complete. */
export function tryReadHello(
  message: AnyMessage,
): Extract<FromChild, { type: 'hello' }> | undefined {
  if (message.type !== 'hello') return undefined
  const hello = message as Partial<Extract<FromChild, { type: 'hello' }>>
  const { id, secret, started, pid, phase } = hello
  const isComplete =
    [id, secret, started, phase].every((text) => typeof text === 'string') &&
    typeof pid === 'number' &&
    Number.isSafeInteger(pid) &&
    pid > 0
  return isComplete ? (hello as Extract<FromChild, { type: 'hello' }>) : undefined
}

/** The request of a command, or why it is none. */
export function readRequest(message: AnyMessage): Request | string {
  if (message.type !== 'request') return `a message of type ${message.type} opens nothing`
  const { command } = message as Partial<Request>
  switch (command) {
    case 'ps':
    case 'down':
    case 'attach':
    case 'describe':
    case 'restart':
    case 'apply':
      return message as Request
    default:
      return `no command ${String(command)}`
  }
}
