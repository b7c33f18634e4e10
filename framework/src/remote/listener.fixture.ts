import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  IncomingCall,
  OutgoingCall,
  ReceivedCall,
  Receiver,
  ReplySink,
} from '../call/index.ts'
import {
  anonymous,
  type Clock,
  createSeededRandom,
  createSystemClock,
  type Criticality,
  type Principal,
  sleep,
  type Trace,
} from '../kernel/index.ts'
import { createMemorySink, createTelemetry, type LogSink } from '../telemetry/index.ts'
import { createFramesCarrier, type FramesCarrierOptions } from './frames/frames-carrier.ts'
import type { PeerListener, PeerListenerOptions } from './listener-options.ts'
import { startPeerListener } from './peer-listener.ts'
import type { Endpoint, Link, LinkEvents } from './port.ts'

export const application = 'shop'
export const operation = 'inventory.reserve'

/** A call whose end a test can wait for. */
export class TestCall implements OutgoingCall {
  readonly operation: string = operation
  readonly module: string = 'inventory'
  readonly isCommand: boolean = true
  callerModule: string | undefined = 'checkout'
  isAuthorized: boolean = true
  input: string
  remainingMs: number = 5_000
  readonly timeoutMs: number = 5_000
  principal: Principal = anonymous
  trace: Trace = { traceId: '0a'.repeat(16), spanId: '0b'.repeat(8), isSampled: true }
  idempotencyKey: string | undefined = 'key'
  criticality: Criticality = 'default'
  token: string | undefined = undefined
  isSettled: boolean = false
  senderSlot: number = -1
  /** How often it ended; more than once is a mistake. */
  ends: number = 0
  /** `answered <output>`, `failed <error>`, or `lost sent|unsent <cause>`. */
  readonly end: Promise<string>
  readonly #resolve: (end: string) => void

  constructor(input: string = '{}') {
    this.input = input
    const { promise, resolve } = Promise.withResolvers<string>()
    this.end = promise
    this.#resolve = resolve
  }

  answered(output: string): void {
    this.settle(`answered ${output}`)
  }

  failed(error: string): void {
    this.settle(`failed ${error}`)
  }

  lost(): void {
    this.settle('lost')
  }

  settle(end: string): void {
    this.ends++
    this.isSettled = true
    this.#resolve(end)
  }
}

/** A call as the receiver got it. */
export interface TestWork {
  readonly call: IncomingCall
  readonly sink: ReplySink
  isCancelled: boolean
}

/** A receiver in a test's hands: it echoes, or keeps calls until the test ends them. */
export class TestReceiver implements Receiver {
  /** Kept calls, and those that were cancelled. */
  readonly work: TestWork[] = []
  received: number = 0
  /** What becomes of a call; it is kept unless this ends it. */
  handle: (work: TestWork) => void = ({ call, sink }) => sink.answered(call.input)
  #waiting: (() => void)[] = []

  receive(call: IncomingCall, sink: ReplySink): ReceivedCall {
    const work: TestWork = { call, sink, isCancelled: false }
    this.received++
    this.work.push(work)
    this.handle(work)
    this.#tell()
    return {
      cancel: () => {
        work.isCancelled = true
        this.#tell()
      },
    }
  }

  /** Keeps what comes from now on. */
  hold(): void {
    this.handle = () => {}
  }

  /** Resolves when the condition holds; looked at whenever a call comes or is cancelled. */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }

  #tell(): void {
    for (const waiting of this.#waiting.splice(0)) waiting()
  }
}

/** What a link told. */
export class TestLink implements LinkEvents {
  readonly told: string[] = []
  readonly isOpen: Promise<void>
  readonly isClosed: Promise<string>
  #link: Link | undefined
  readonly #opened: () => void
  readonly #closed: (cause: string) => void

  constructor() {
    const open = Promise.withResolvers<void>()
    const close = Promise.withResolvers<string>()
    this.isOpen = open.promise
    this.#opened = open.resolve
    this.isClosed = close.promise
    this.#closed = close.resolve
  }

  get link(): Link {
    if (this.#link === undefined) throw new Error('not attached')
    return this.#link
  }

  attach(link: Link): this {
    this.#link = link
    return this
  }

  /** Sends a call and waits for its end. */
  call(input?: string): Promise<string> {
    const call = new TestCall(input)
    return this.link.send(call) ? call.end : Promise.resolve('refused')
  }

  opened(): void {
    this.told.push('opened')
    this.#opened()
  }

  draining(): void {
    this.told.push('draining')
  }

  closed(cause: string): void {
    this.told.push('closed')
    this.#closed(cause)
  }

  answered(call: OutgoingCall, output: string): void {
    call.answered(output)
  }

  failed(call: OutgoingCall, error: string): void {
    call.failed(error)
  }

  lost(call: OutgoingCall, isSent: boolean, cause: string): void {
    this.told.push('lost')
    if (call instanceof TestCall) call.settle(`lost ${isSent ? 'sent' : 'unsent'} ${cause}`)
  }
}

/** A listener with all that is needed to call it; disposing of it closes everything. */
export class Peers implements AsyncDisposable {
  readonly clock: Clock
  readonly receiver = new TestReceiver()
  readonly sink: LogSink & { readonly lines: readonly string[] } = createMemorySink()
  readonly folder: string = mkdtempSync(join(tmpdir(), 'peers-'))
  readonly #links: TestLink[] = []
  readonly #listeners: PeerListener[] = []

  constructor(clock: Clock = createSystemClock()) {
    this.clock = clock
  }

  get telemetry(): PeerListenerOptions['telemetry'] {
    const { clock, sink } = this
    return createTelemetry({ clock, random: createSeededRandom(1), service: 'test', sink })
  }

  async listen(options: Partial<PeerListenerOptions> = {}): Promise<PeerListener> {
    const listener = await startPeerListener({
      endpoint: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      ...{ clock: this.clock, telemetry: this.telemetry, receiver: this.receiver },
      ...{ application, service: 'sales', instance: 'sales-1', policy: () => undefined },
      ...options,
    })
    this.#listeners.push(listener)
    return listener
  }

  /** Opens a link, without waiting for it. */
  connect(endpoint: Endpoint, options: Partial<FramesCarrierOptions> = {}): TestLink {
    const carrier = createFramesCarrier({
      ...{ clock: this.clock, service: 'edge', application, telemetry: this.telemetry },
      ...options,
    })
    const link = new TestLink()
    const address = { id: 'sales-1', service: 'sales', modules: ['inventory'], endpoint }
    this.#links.push(link)
    return link.attach(carrier.open(address, link))
  }

  async open(endpoint: Endpoint, options?: Partial<FramesCarrierOptions>): Promise<TestLink> {
    const link = this.connect(endpoint, options)
    await Promise.race([
      link.isOpen,
      link.isClosed.then((cause) => Promise.reject(new Error(cause))),
    ])
    return link
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#links.map(({ link }) => link.close(0)))
    await Promise.all(this.#listeners.map((listener) => listener.stop()))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Waits for a condition that nothing announces, at most two seconds. */
export async function eventually(isMet: () => boolean, what: string): Promise<void> {
  const clock = createSystemClock()
  const endMs = clock.monotonicMs() + 2_000
  while (!isMet()) {
    if (clock.monotonicMs() > endMs) throw new Error(`not within 2 s: ${what}`)
    await sleep(clock, 5)
  }
}
