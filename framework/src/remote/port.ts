import type { OutgoingCall } from '../call/index.ts'

/** Where one instance can be reached by its peers. */
export interface InstanceAddress {
  /** Unique among all instances that ever ran: `sales-2-g7`. */
  readonly id: string
  /** `sales` */
  readonly service: string
  /** The modules whose operations it runs. */
  readonly modules: readonly string[]
  readonly endpoint: Endpoint
}

/** An address of the peers' listener. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** Where every module is now. Changes while the system runs: instances come, drain and go. */
export interface Directory {
  /** The instances that calls may go to now; a new array whenever something changed. */
  readonly instances: readonly InstanceAddress[]
  /** Calls `changed` after each change; the returned function ends that. */
  watch(changed: () => void): () => void
}

/** Opens links to instances: one implementation per way of carrying calls. */
export interface Carrier {
  /** `frames`, `post` */
  readonly name: string
  /** Starts to connect. Never throws: a link that cannot be opened closes, and says why. */
  open(address: InstanceAddress, events: LinkEvents): Link
}

/** What a link tells its owner. */
export interface LinkEvents {
  /** It can take calls. */
  opened(): void
  /** The instance is going away: no new calls, those under way will be answered. */
  draining(): void
  /** It is gone; calls under way were lost before this is called. A link never opens again. */
  closed(cause: string): void
  /** The callee answered; `output` as in `OutgoingCall.answered`. */
  answered(call: OutgoingCall, output: string): void
  failed(call: OutgoingCall, error: string): void
  /** No answer will come over this link. `isSent` false: the callee cannot have seen the call. */
  lost(call: OutgoingCall, isSent: boolean, cause: string): void
}

/** A road to one instance, over one or a few connections. */
export interface Link {
  /** Calls sent and not ended. */
  readonly inFlight: number
  /** Hands a call on. False: this link does not take it now (not open, draining, at its bound of
   *  calls or bytes), and nothing was sent. */
  send(call: OutgoingCall): boolean
  /** The caller of a call has gone: tell the callee; no event follows for this call. */
  cancel(call: OutgoingCall): void
  /** Waits for calls under way at most `deadlineMs`, then closes. Idempotent. */
  close(deadlineMs: number): Promise<void>
}

/** Who stands at the other end of a connection. */
export interface Peer {
  /** The service, as its certificate proves it, or as it says where the road itself is guarded
   *  (a unix socket in a private folder, loopback). */
  readonly service: string
  readonly isProved: boolean
}

/** Decides whether a peer may make a call: only declared uses, only from a service that hosts the
 *  calling module; calls from outside only from services that serve the public HTTP.
 *  @returns why not, or undefined. Cheap: asked for every call. */
export type PeerPolicy = (
  peer: Peer,
  call: { readonly operation: string; readonly callerModule: string | undefined },
) => string | undefined
