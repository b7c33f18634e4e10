import type { OutgoingCall } from '../call/index.ts'
import { anonymous, type BanyanError, createSeededRandom, FakeClock } from '../kernel/index.ts'
import { createMemorySink, createTelemetry, type Telemetry } from '../telemetry/index.ts'
import { createDirectory, type SettableDirectory } from './directory.ts'
import type { Carrier, InstanceAddress, Link, LinkEvents } from './port.ts'
import { createRouter, type Router } from './router.ts'
import type { RouterOptions } from './router-options.ts'

/** A call whose end is written down. */
export class FakeCall implements OutgoingCall {
  readonly operation: string
  readonly module: string
  readonly isCommand: boolean
  readonly callerModule = 'front'
  readonly isAuthorized = true
  readonly input = '{}'
  readonly principal = anonymous
  readonly trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true }
  readonly idempotencyKey: string | undefined
  readonly criticality = 'default'
  readonly token: string | undefined = undefined
  senderSlot = -1
  readonly timeoutMs: number
  /** `answered <output>`, `failed <error>`, or the code of its loss. */
  outcome = ''
  error: BanyanError | undefined = undefined
  /** How often it ended; more than once is a mistake. */
  ends = 0
  readonly #clock: FakeClock
  readonly #deadlineMs: number

  constructor(clock: FakeClock, options: FakeCallOptions = {}) {
    const { module = 'stock', kind = 'query', timeoutMs = 30_000 } = options
    this.#clock = clock
    this.#deadlineMs = clock.monotonicMs() + timeoutMs
    this.timeoutMs = timeoutMs
    this.module = module
    this.operation = `${module}.act`
    this.isCommand = kind !== 'query'
    this.idempotencyKey = kind === 'command' ? 'a key' : undefined
  }

  get remainingMs(): number {
    return this.#deadlineMs - this.#clock.monotonicMs()
  }

  get isSettled(): boolean {
    return this.ends > 0
  }

  answered(output: string): void {
    this.#end(`answered ${output}`)
  }

  failed(error: string): void {
    this.#end(`failed ${error}`)
  }

  lost(error: BanyanError): void {
    this.error = error
    this.#end(error.code)
  }

  /** As its caller does when it gives up: settled first, told to the road then. */
  cancel(router: Router): void {
    this.#end('cancelled')
    router.cancel(this)
  }

  #end(outcome: string): void {
    this.outcome = outcome
    this.ends++
  }
}

export interface FakeCallOptions {
  readonly module?: string
  /** `keyless`: a command that must not be sent twice. */
  readonly kind?: 'query' | 'command' | 'keyless'
  readonly timeoutMs?: number
}

/** A link that a test moves by hand. */
export class FakeLink implements Link {
  readonly address: InstanceAddress
  readonly calls: OutgoingCall[] = []
  readonly cancelled: OutgoingCall[] = []
  /** How many calls it takes at once. */
  callsMax = Number.POSITIVE_INFINITY
  /** Calls it took in all. */
  taken = 0
  isClosed = false
  #isOpen = false
  readonly #events: LinkEvents

  constructor(address: InstanceAddress, events: LinkEvents) {
    this.address = address
    this.#events = events
  }

  get inFlight(): number {
    return this.calls.length
  }

  open(): void {
    this.#isOpen = true
    this.#events.opened()
  }

  drain(): void {
    this.#isOpen = false
    this.#events.draining()
  }

  /** Loses its calls and closes. */
  die(cause: string, isSent: boolean): void {
    this.#isOpen = false
    this.isClosed = true
    for (const call of this.calls.splice(0)) this.#events.lost(call, isSent, cause)
    this.#events.closed(cause)
  }

  answer(call = this.#next()): void {
    this.#take(call)
    this.#events.answered(call, '1')
  }

  fail(error: string, call = this.#next()): void {
    this.#take(call)
    this.#events.failed(call, error)
  }

  lose(isSent: boolean, call = this.#next()): void {
    this.#take(call)
    this.#events.lost(call, isSent, 'reset')
  }

  send(call: OutgoingCall): boolean {
    if (!this.#isOpen || this.calls.length >= this.callsMax) return false
    this.calls.push(call)
    this.taken++
    return true
  }

  cancel(call: OutgoingCall): void {
    this.#take(call)
    this.cancelled.push(call)
  }

  close(): Promise<void> {
    if (!this.isClosed) this.die('closed by its owner', true)
    return Promise.resolve()
  }

  #next(): OutgoingCall {
    const call = this.calls[0]
    if (call === undefined) throw new Error(`${this.address.id} has no call`)
    return call
  }

  #take(call: OutgoingCall): void {
    const index = this.calls.indexOf(call)
    if (index < 0) throw new Error(`${this.address.id} has not got this call`)
    this.calls.splice(index, 1)
  }
}

/** Opens fake links and remembers them. */
export class FakeCarrier implements Carrier {
  readonly name = 'fake'
  readonly links: FakeLink[] = []
  /** Whether links connect by themselves, before `open` returns. */
  readonly #isReady: boolean

  constructor(isReady: boolean) {
    this.#isReady = isReady
  }

  open(address: InstanceAddress, events: LinkEvents): Link {
    const link = new FakeLink(address, events)
    this.links.push(link)
    if (this.#isReady) link.open()
    return link
  }

  /** The latest link to an instance. */
  to(id: string): FakeLink {
    const link = this.links.findLast(({ address }) => address.id === id)
    if (link === undefined) throw new Error(`there is no link to ${id}`)
    return link
  }
}

/** An instance of a service that hosts one module. */
export function instance(id: string, modules: readonly string[] = ['stock']): InstanceAddress {
  return { id, service: 'sales', modules, endpoint: { kind: 'unix', path: `/nowhere/${id}` } }
}

export interface RouterFixture {
  readonly router: Router
  readonly clock: FakeClock
  readonly carrier: FakeCarrier
  readonly directory: SettableDirectory
  readonly telemetry: Telemetry
  readonly logged: () => Promise<readonly string[]>
  /** Sends a call. */
  send(options?: FakeCallOptions): FakeCall
}

/** A router over fake links to the named instances; they connect at once unless `isReady` is false. */
export function createRouterFixture(
  ids: readonly string[],
  options: Partial<RouterOptions> & { readonly isReady?: boolean; readonly seed?: number } = {},
): RouterFixture {
  const clock = new FakeClock()
  const sink = createMemorySink()
  const random = createSeededRandom(options.seed ?? 1)
  const telemetry = createTelemetry({ clock, random, service: 'edge', sink, level: 'debug' })
  const carrier = new FakeCarrier(options.isReady ?? true)
  const directory = createDirectory(ids.map((id) => instance(id)))
  const router = createRouter({
    ...{ clock, random, telemetry, directory, carrier, self: { service: 'edge' } },
    ...options,
  })
  const logged = async (): Promise<readonly string[]> => {
    await telemetry.logs.flush()
    return sink.lines
  }
  const send = (asked?: FakeCallOptions): FakeCall => {
    const call = new FakeCall(clock, asked)
    router.send(call)
    return call
  }
  return { router, clock, carrier, directory, telemetry, logged, send }
}
