import type { OutgoingCall } from '../../call/index.ts'
import type { Timer } from '../../kernel/index.ts'
import type { Link, LinkEvents } from '../port.ts'
import {
  CallerConnection,
  type CallerConnectionOptions,
  type ConnectionOwner,
} from './caller-connection.ts'

export interface FramesLinkOptions extends Omit<CallerConnectionOptions, 'owner'> {
  /** Connections held to the instance, ≥ 1. */
  readonly connections: number
  readonly events: LinkEvents
}

/** The connections to one instance. It lives as long as one of them does; others that are lost are
 *  opened again. New certificates replace its connections one by one: each new one takes the place
 *  of an old one, which takes no more calls and closes when its last call has ended.
 *  Invariant: `closed` is told once, after every call under way was lost. */
export class FramesLink implements Link, ConnectionOwner {
  readonly #options: FramesLinkOptions
  /** Taking calls. */
  readonly #open: CallerConnection[] = []
  /** Of them, those made before the certificates changed. */
  readonly #stale = new Set<CallerConnection>()
  readonly #opening = new Set<CallerConnection>()
  /** Taking no calls, with calls under way. */
  readonly #leaving = new Set<CallerConnection>()
  readonly #unwatch: (() => void) | undefined
  #reopening: Timer | undefined
  #isTakingCalls = true
  #wasOpened = false
  #isDraining = false
  #isClosed = false
  #closing: Promise<void> | undefined
  #whenClosed: (() => void) | undefined

  constructor(options: FramesLinkOptions) {
    this.#options = options
    this.#unwatch = options.tls?.watch(() => this.#replace())
    this.#fill()
  }

  get inFlight(): number {
    let count = 0
    for (const connection of this.#open) count += connection.inFlight
    if (this.#leaving.size > 0) {
      for (const connection of this.#leaving) count += connection.inFlight
    }
    return count
  }

  send(call: OutgoingCall): boolean {
    if (!this.#isTakingCalls) return false
    const [first] = this.#open
    if (first === undefined) return false
    return this.#open.length === 1 ? first.send(call) : this.#leastBusy(first).send(call)
  }

  cancel(call: OutgoingCall): void {
    for (const connection of this.#open) if (connection.cancel(call)) return
    for (const connection of this.#leaving) if (connection.cancel(call)) return
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs)
    return this.#closing
  }

  opened(connection: CallerConnection): void {
    this.#opening.delete(connection)
    this.#open.push(connection)
    const [old] = this.#stale
    if (old !== undefined) this.#retire(old)
    if (this.#wasOpened) return
    this.#wasOpened = true
    this.#options.events.opened()
  }

  draining(connection: CallerConnection): void {
    this.#move(connection)
    this.#isTakingCalls = false
    if (this.#isDraining) return
    this.#isDraining = true
    this.#options.events.draining()
    this.#stop()
  }

  ended(connection: CallerConnection, cause: string): void {
    this.#forget(connection)
    if (this.#open.length + this.#opening.size + this.#leaving.size > 0) this.#reopenLater()
    else this.#finish(cause)
  }

  #leastBusy(first: CallerConnection): CallerConnection {
    let best = first
    for (const connection of this.#open) if (connection.inFlight < best.inFlight) best = connection
    return best
  }

  /** Opens what is missing. */
  #fill(): void {
    const { connections } = this.#options
    while (this.#open.length - this.#stale.size + this.#opening.size < connections) {
      this.#opening.add(new CallerConnection({ ...this.#options, owner: this }))
    }
  }

  #replace(): void {
    for (const connection of this.#open) this.#stale.add(connection)
    if (this.#isTakingCalls) this.#fill()
  }

  #reopenLater(): void {
    if (!this.#isTakingCalls || this.#reopening !== undefined) return
    const { clock, bounds } = this.#options
    this.#reopening = clock.after(
      bounds.reopenMs,
      () => {
        this.#reopening = undefined
        if (this.#isTakingCalls) this.#fill()
      },
      { background: true },
    )
  }

  #retire(connection: CallerConnection): void {
    this.#move(connection)
    connection.leave()
  }

  /** From those that take calls to those that do not. */
  #move(connection: CallerConnection): void {
    this.#forget(connection)
    this.#leaving.add(connection)
  }

  #forget(connection: CallerConnection): void {
    const index = this.#open.indexOf(connection)
    if (index !== -1) this.#open.splice(index, 1)
    this.#stale.delete(connection)
    this.#opening.delete(connection)
    this.#leaving.delete(connection)
  }

  /** Opens nothing more. */
  #stop(): void {
    this.#isTakingCalls = false
    this.#reopening?.stop()
    this.#unwatch?.()
    for (const connection of [...this.#opening]) connection.leave()
  }

  async #close(deadlineMs: number): Promise<void> {
    if (this.#isClosed) return
    const closed = new Promise<void>((resolve) => {
      this.#whenClosed = resolve
    })
    this.#stop()
    const all = [...this.#open, ...this.#leaving]
    for (const connection of this.#open.slice()) this.#retire(connection)
    const cutOff = (): void => {
      for (const connection of all) connection.end('closed before it was answered')
    }
    const timer = this.#options.clock.after(deadlineMs, cutOff)
    if (this.#open.length + this.#opening.size + this.#leaving.size === 0) this.#finish('closed')
    await closed
    timer.stop()
  }

  #finish(cause: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stop()
    this.#options.events.closed(cause)
    this.#whenClosed?.()
  }
}
