import type { OutgoingCall } from '../call/index.ts'
import type { Clock, Random, Timer } from '../kernel/index.ts'
import { type BackOffLimits, backOffMs } from './back-off.ts'
import { type EjectionLimits, Health, type HealthState } from './health.ts'
import type { LinkState } from './link-state.ts'
import type { Carrier, InstanceAddress, Link, LinkEvents } from './port.ts'
import type { Outcomes } from './router-metrics.ts'

/** Who owns members, and what it hears of them. */
export interface MemberOwner {
  /** Whether it takes calls has changed, or may have. */
  changed(member: Member): void
  /** Its link closed; it is opened again after a pause. */
  linkClosed(member: Member, closing: LinkClosing): void
  healthChanged(member: Member, state: HealthState): void
  mayEject(member: Member): boolean
  answered(member: Member, call: OutgoingCall, output: string): void
  failed(member: Member, call: OutgoingCall, error: string): void
  lost(member: Member, call: OutgoingCall, loss: Loss): void
}

/** How a link closed. */
export interface LinkClosing {
  readonly cause: string
  /** It worked, and nobody had said that it would end. */
  readonly isSudden: boolean
}

/** A call that a link lost. */
export interface Loss {
  readonly isSent: boolean
  readonly cause: string
}

export interface MemberOptions {
  readonly address: InstanceAddress
  readonly carrier: Carrier
  readonly clock: Clock
  readonly random: Random
  readonly reconnect: BackOffLimits
  readonly ejection: EjectionLimits
  readonly outcomes: Outcomes
  readonly owner: MemberOwner
}

/** One instance as callers see it: its link, opened again whenever it closes, and its health. */
export class Member {
  readonly address: InstanceAddress
  readonly health: Health
  /** Counts the calls that end here. */
  readonly outcomes: Outcomes
  readonly #options: MemberOptions
  #state: LinkState = 'idle'
  #link: Link | undefined
  #line: Line | undefined
  #tries = 0
  #openedMs = 0
  #timer: Timer | undefined
  #cause = ''

  constructor(options: MemberOptions) {
    const { clock, random, owner, ejection: limits } = options
    this.address = options.address
    this.outcomes = options.outcomes
    this.#options = options
    this.health = new Health({
      ...{ clock, random, limits, mayEject: () => owner.mayEject(this) },
      changed: (state) => {
        owner.healthChanged(this, state)
        owner.changed(this)
      },
    })
  }

  get state(): LinkState {
    return this.#state
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get inFlight(): number {
    return this.#link?.inFlight ?? 0
  }

  /** Why the last link closed; empty when none has. */
  get cause(): string {
    return this.#cause
  }

  /** Opens the first link; does nothing later. */
  open(): void {
    if (this.#state === 'idle') this.#connect()
  }

  send(call: OutgoingCall): boolean {
    return this.#state === 'open' && this.#link !== undefined && this.#link.send(call)
  }

  cancel(call: OutgoingCall): void {
    this.#link?.cancel(call)
  }

  /** Takes no new calls, lets those under way end for at most `deadlineMs`, then closes. */
  async leave(deadlineMs: number): Promise<void> {
    this.#timer?.stop()
    this.health.stop()
    this.#become('leaving')
    await this.#link?.close(deadlineMs)
    this.#link = undefined
    this.#line = undefined
    this.#become('closed')
  }

  lineOpened(line: Line): void {
    if (line !== this.#line || this.#state !== 'connecting') return
    this.#openedMs = this.#options.clock.monotonicMs()
    this.#become('open')
  }

  lineDraining(line: Line): void {
    if (line === this.#line && this.#state === 'open') this.#become('draining')
  }

  lineClosed(line: Line, cause: string): void {
    if (line !== this.#line || this.#state === 'leaving') return
    const { clock, random, reconnect, owner } = this.#options
    const isExpected = this.#state === 'draining'
    const wasOpen = isExpected || this.#state === 'open'
    // a link that held for long is no reason to wait long for the next one
    if (wasOpen && clock.monotonicMs() - this.#openedMs > reconnect.maxMs) this.#tries = 0
    this.#link = undefined
    this.#line = undefined
    this.#tries++
    const delayMs = backOffMs(reconnect, this.#tries, random)
    this.#timer = clock.after(delayMs, () => this.#connect(), { background: true })
    this.#cause = cause
    if (!isExpected) this.health.noteFailure(undefined)
    owner.linkClosed(this, { cause, isSudden: wasOpen && !isExpected })
    this.#become('waiting')
  }

  #connect(): void {
    const { address, carrier, owner } = this.#options
    const line = new Line(this, owner)
    this.#line = line
    this.#become('connecting')
    const link = carrier.open(address, line)
    // the link may have said anything before it was known here
    if (this.#line === line) this.#link = link
    owner.changed(this)
  }

  #become(state: LinkState): void {
    this.#state = state
    this.#options.owner.changed(this)
  }
}

/** What one link tells; what a link of the past says about itself is nobody's. */
class Line implements LinkEvents {
  readonly #member: Member
  readonly #owner: MemberOwner

  constructor(member: Member, owner: MemberOwner) {
    this.#member = member
    this.#owner = owner
  }

  opened(): void {
    this.#member.lineOpened(this)
  }

  draining(): void {
    this.#member.lineDraining(this)
  }

  closed(cause: string): void {
    this.#member.lineClosed(this, cause)
  }

  answered(call: OutgoingCall, output: string): void {
    this.#owner.answered(this.#member, call, output)
  }

  failed(call: OutgoingCall, error: string): void {
    this.#owner.failed(this.#member, call, error)
  }

  lost(call: OutgoingCall, isSent: boolean, cause: string): void {
    this.#owner.lost(this.#member, call, { isSent, cause })
  }
}
