import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { remotePeerRefused } from './errors.ts'
import { CalleeConnection, type CalleeOptions } from './frames/callee-connection.ts'
import {
  findUpgradeError,
  formatRefusal,
  formatUpgrade,
  type UpgradeRefusal,
} from './frames/handshake.ts'
import type { RefusalLog } from './refusal-log.ts'

export interface FramesEndpointOptions extends Omit<CalleeOptions, 'ended'> {
  readonly refusals: RefusalLog
  /** Called after each connection that ended. */
  left(): void
}

/** Takes upgrades and holds the connections that they became. */
export class FramesEndpoint {
  readonly #options: FramesEndpointOptions
  readonly #connections = new Set<CalleeConnection>()
  #isDraining = false

  constructor(options: FramesEndpointOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#connections.size
  }

  /** Answers a request for an upgrade.
   *  @param proved  The service that a certificate proves. */
  upgrade(
    request: IncomingMessage,
    { socket, head }: { readonly socket: Socket; readonly head: Buffer },
    proved: string | undefined,
  ): void {
    const refusal = this.#isDraining
      ? { status: 503, cause: 'this instance is going away' }
      : findUpgradeError(request)
    if (refusal !== undefined) return refuse(socket, refusal)
    socket.write(formatUpgrade(request))
    const options: CalleeOptions = {
      ...this.#options,
      ended: (ended, cause, isRefused) => this.#ended(ended, { cause, isRefused }),
    }
    const connection = new CalleeConnection(options, socket, proved)
    this.#connections.add(connection)
    connection.start(head)
  }

  /** Asks every caller for no new calls, and takes no new connections. */
  drain(): void {
    this.#isDraining = true
    for (const connection of this.#connections) connection.goodbye()
  }

  destroy(): void {
    this.#isDraining = true
    for (const connection of [...this.#connections]) connection.destroy('the listener was stopped')
  }

  #ended(
    connection: CalleeConnection,
    { cause, isRefused }: { readonly cause: string; readonly isRefused: boolean },
  ): void {
    this.#connections.delete(connection)
    const { refusals, left } = this.#options
    if (isRefused) refusals.report(remotePeerRefused({ peer: connection.peerName, cause }))
    left()
  }
}

function refuse(socket: Socket, refusal: UpgradeRefusal): void {
  // the other end may already be gone
  socket.on('error', () => socket.destroy())
  socket.end(formatRefusal(refusal), () => socket.destroy())
}
