import type { OutgoingCall, Sender } from '../call/index.ts'
import { createSeededRandom, type Random } from '../kernel/index.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import { remoteRouterClosed } from './errors.ts'
import type { HealthState } from './health.ts'
import { Journey } from './journey.ts'
import type { LinkState } from './link-state.ts'
import { type LinkClosing, type Loss, Member, type MemberOwner } from './member.ts'
import type { InstanceAddress } from './port.ts'
import { RouterMetrics } from './router-metrics.ts'
import { limitsOf, type RouterLimits, type RouterOptions } from './router-options.ts'
import { Target } from './target.ts'

/** The road from one instance to all others. */
export interface Router extends Sender {
  /** Refuses new calls, waits at most `deadlineMs` for those under way, ends the rest, and closes all
   *  links. Idempotent. Close it after everything that makes calls. */
  close(deadlineMs: number): Promise<void>
  /** Where calls can go now, for people. */
  states(): readonly InstanceState[]
}

/** One instance as the router sees it. */
export interface InstanceState {
  readonly id: string
  readonly service: string
  readonly link: LinkState
  readonly health: HealthState
  readonly inFlight: number
}

/** Creates the sender of one instance. Links are opened by the first call to a module, to all of its
 *  instances, and kept from then on.
 *
 *  A call goes to the less busy of two random instances. Where none takes it, it waits, in order, at most
 *  `queue.waitMsMax`. What a link lost is sent once more if that is legal (it was not sent, or is a query, or
 *  carries an idempotency key), within `retry.attemptsMax`, the module's retry budget and the call's own
 *  deadline. An instance that fails `ejection.failuresMax` times in a row is left out for a while; a single
 *  call readmits it.
 *
 *  Calls end with REMOTE_UNREACHABLE (nothing happened, or a query got no answer), REMOTE_MODULE_UNPLACED
 *  (no instance is known), REMOTE_QUEUE_FULL, REMOTE_ROUTER_CLOSED, or CALL_OUTCOME_UNKNOWN (a command that
 *  was sent and never answered), besides what the callee says.
 *  Cost: about 0.1 µs per call and no object, besides what the carrier does. */
export function createRouter(options: RouterOptions): Router {
  return new LinkRouter(options)
}

/** An instance that left the directory may finish what it has for this long. */
const leaveMsMax = 60_000

class LinkRouter implements Router, MemberOwner {
  readonly #options: RouterOptions
  readonly #limits: RouterLimits
  readonly #random: Random
  readonly #metrics: RouterMetrics
  readonly #calls = new CallsUnderWay()
  readonly #targets = new Map<string, Target>()
  readonly #members = new Map<string, Member>()
  readonly #leaving = new Set<Member>()
  readonly #unwatch: () => void
  #closing: Promise<void> | undefined
  #drained: (() => void) | undefined

  constructor(options: RouterOptions) {
    this.#options = options
    this.#limits = limitsOf(options)
    // drawn once per call: fast counts, and nobody gains by guessing it
    this.#random = createSeededRandom(options.random.bytes(4).readUInt32LE())
    this.#metrics = new RouterMetrics(options.telemetry.metrics)
    this.#metrics.observe({
      links: (state) => this.#countLinks(state),
      waiting: () => this.#countWaiting(),
      inFlight: () => this.#calls.size,
    })
    this.#unwatch = options.directory.watch(() => this.#readDirectory())
    this.#readDirectory()
  }

  send(call: OutgoingCall): void {
    if (this.#closing !== undefined) {
      return call.lost(remoteRouterClosed({ operation: call.operation }))
    }
    const target = this.#targets.get(call.module) ?? this.#addTarget(call.module)
    target.send(call)
  }

  cancel(call: OutgoingCall): void {
    const entry = this.#calls.get(call)
    if (entry === undefined) return
    this.#calls.delete(call)
    const member = entry instanceof Journey ? entry.member : entry
    if (entry instanceof Journey) entry.timer?.stop()
    if (member !== undefined) cancelAt(member, call)
    this.#ended(member)
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs)
    return this.#closing
  }

  states(): readonly InstanceState[] {
    return [...this.#members.values(), ...this.#leaving].map((member) => ({
      id: member.address.id,
      service: member.address.service,
      link: member.state,
      health: member.health.state,
      inFlight: member.inFlight,
    }))
  }

  answered(member: Member, call: OutgoingCall, output: string): void {
    if (!this.#calls.delete(call)) return
    member.health.noteAnswer(call)
    member.outcomes.answered.add()
    call.answered(output)
    this.#ended(member)
  }

  failed(member: Member, call: OutgoingCall, error: string): void {
    const entry = this.#calls.get(call)
    if (entry === undefined) return
    member.health.noteAnswer(call)
    this.#targets.get(call.module)?.failed(entry, call, error)
    this.#ended(member)
  }

  lost(member: Member, call: OutgoingCall, loss: Loss): void {
    const entry = this.#calls.get(call)
    if (entry === undefined) return
    member.health.noteFailure(call)
    const journey = entry instanceof Journey ? entry : new Journey(call, member)
    this.#targets.get(call.module)?.lost(journey, loss)
    this.#ended(member)
  }

  changed(member: Member): void {
    for (const target of this.#targetsOf(member)) target.refresh()
  }

  mayEject(member: Member): boolean {
    const { shareMax } = this.#limits.ejection
    return this.#targetsOf(member).every(({ choice }) => choice.mayEject(member, shareMax))
  }

  healthChanged(member: Member, state: HealthState): void {
    const { id, service } = member.address
    const { logs } = this.#options.telemetry
    if (state === 'ejected') {
      this.#metrics.ejections(service).add()
      logs.log('warn', { instance: id }, `${id} answers nothing: left out for a while`)
    } else if (state === 'in') logs.log('info', { instance: id }, `${id} answers again`)
  }

  linkClosed(member: Member, { cause, isSudden }: LinkClosing): void {
    const { id } = member.address
    const { logs } = this.#options.telemetry
    logs.log(isSudden ? 'warn' : 'debug', { instance: id, cause }, `the link to ${id} closed`)
  }

  /** What a call that ended leaves room for. */
  #ended(member: Member | undefined): void {
    if (this.#drained !== undefined && this.#calls.size === 0) this.#drained()
    if (member === undefined) return
    for (const module of member.address.modules) this.#targets.get(module)?.serve()
  }

  #targetsOf({ address }: Member): readonly Target[] {
    return address.modules.flatMap((module) => this.#targets.get(module) ?? [])
  }

  #addTarget(module: string): Target {
    const target = new Target({
      ...{ module, calls: this.#calls, limits: this.#limits, metrics: this.#metrics },
      service: this.#options.self.service,
      clock: this.#options.clock,
      random: this.#random,
    })
    this.#targets.set(module, target)
    for (const member of this.#members.values()) {
      if (member.address.modules.includes(module)) this.#join(member, target)
    }
    return target
  }

  #join(member: Member, target: Target): void {
    target.choice.add(member)
    member.open()
    target.refresh()
  }

  #readDirectory(): void {
    const listed = new Map(this.#options.directory.instances.map((entry) => [entry.id, entry]))
    for (const [id, member] of this.#members) {
      const address = listed.get(id)
      if (address === undefined || !isSame(address, member.address)) this.#remove(member)
    }
    for (const address of listed.values()) {
      if (!this.#members.has(address.id)) this.#add(address)
    }
  }

  #add(address: InstanceAddress): void {
    const { carrier, clock } = this.#options
    const { reconnect, ejection } = this.#limits
    const member = new Member({
      ...{ address, carrier, clock, random: this.#random, reconnect, ejection, owner: this },
      outcomes: this.#metrics.callsOf(address.service),
    })
    this.#members.set(address.id, member)
    for (const target of this.#targetsOf(member)) this.#join(member, target)
  }

  #remove(member: Member): void {
    this.#members.delete(member.address.id)
    this.#leaving.add(member)
    for (const target of this.#targetsOf(member)) {
      target.choice.remove(member)
      target.refresh()
    }
    void member.leave(leaveMsMax).finally(() => this.#leaving.delete(member))
  }

  async #close(deadlineMs: number): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + deadlineMs
    this.#unwatch()
    if (this.#calls.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = clock.after(deadlineMs, resolve)
        this.#drained = () => {
          timer.stop()
          resolve()
        }
      })
    }
    for (const target of this.#targets.values()) target.close()
    const members = [...this.#members.values(), ...this.#leaving]
    const leftMs = Math.max(0, untilMs - clock.monotonicMs())
    await Promise.all(members.map((member) => member.leave(leftMs)))
    this.#members.clear()
    this.#endAll()
  }

  /** What no link has ended when all of them are closed. */
  #endAll(): void {
    for (const [call, entry] of this.#calls) {
      const journey = entry instanceof Journey ? entry : new Journey(call, entry)
      this.#targets.get(call.module)?.giveUp(journey)
    }
  }

  #countLinks(state: LinkState): number {
    let count = 0
    for (const member of this.#members.values()) if (member.state === state) count++
    for (const member of this.#leaving) if (member.state === state) count++
    return count
  }

  #countWaiting(): number {
    let count = 0
    for (const target of this.#targets.values()) count += target.waiting
    return count
  }
}

/** A call that ran out of time is held against the instance; one whose caller left is not. */
function cancelAt(member: Member, call: OutgoingCall): void {
  if (call.remainingMs > 0) {
    member.outcomes.cancelled.add()
    member.health.noteNothing(call)
  } else {
    member.outcomes.expired.add()
    member.health.noteFailure(call)
  }
  member.cancel(call)
}

function isSame(one: InstanceAddress, other: InstanceAddress): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
