import { z } from 'zod'
import { command, type Contract, contract, failure, query } from '../contract/index.ts'
import {
  type Context,
  createSeededRandom,
  createWorld,
  FakeClock,
  type World,
} from '../kernel/index.ts'
import {
  type Application,
  application,
  type CommandContext,
  type Grant,
  module,
  type NoDataSource,
  type QueryContext,
} from '../module/index.ts'
import { createMemorySink, createTelemetry, type Telemetry } from '../telemetry/index.ts'
import {
  type CallsOptions,
  type Claim,
  type CompiledCalls,
  compileCalls,
  createReceiver,
  type OutgoingCall,
  type ReceivedCall,
  type Receiver,
  type Runner,
  type Sender,
  type Storage,
} from './index.ts'

/** Two modules for tests of this room: `front` uses `store`; what their handlers do is the test's. */

const empty: z.ZodObject<Record<never, never>> = z.object({})
const anything: z.ZodObject<{ value: z.ZodOptional<z.ZodUnknown> }> = z.object({
  value: z.unknown().optional(),
})

/** One field for each form that JSON lacks, and nesting. */
const valuesSchema = z.object({
  text: z.string(),
  big: z.bigint(),
  at: z.date(),
  map: z.map(z.string(), z.bigint()),
  set: z.set(z.string()),
  bytes: z.instanceof(Uint8Array),
  lines: z.array(z.object({ sku: z.string(), count: z.int().default(1) })),
  note: z.string().optional(),
})

const storeFailures = {
  soldOut: failure(
    'conflict',
    z.object({ sku: z.string(), left: z.bigint(), at: z.date() }),
    ({ sku }) => `${sku} is sold out`,
  ),
}
const storeOperations = {
  echo: query({ input: valuesSchema, output: valuesSchema, access: 'public' }),
  read: query({
    input: anything,
    output: anything,
    access: 'public',
    failures: ['soldOut'],
    timeout: '200ms',
  }),
  act: command({
    input: anything,
    output: anything,
    access: 'public',
    failures: ['soldOut'],
    timeout: '200ms',
  }),
  silent: query({ input: anything, output: anything, access: 'public' }),
  strict: query({
    input: z.object({ count: z.int().min(1) }),
    output: z.object({ count: z.int().max(9) }),
    access: 'public',
  }),
}
const frontOperations = {
  read: query({ input: anything, output: anything, access: 'public', timeout: '1s' }),
  act: command({ input: anything, output: anything, access: 'public', timeout: '1s' }),
  brief: query({ input: anything, output: anything, access: 'public', timeout: '50ms' }),
  echo: query({ input: valuesSchema, output: valuesSchema, access: 'public' }),
  members: query({ input: empty, output: empty, access: ['member', 'clerk'] }),
  signedIn: query({ input: empty, output: empty, access: 'signed-in' }),
  inside: query({ input: empty, output: empty, access: 'internal' }),
}

export const store: Contract<'store', typeof storeFailures, typeof storeOperations> = contract(
  'store',
  { failures: storeFailures, operations: storeOperations },
)
export const front: Contract<'front', Record<never, never>, typeof frontOperations> = contract(
  'front',
  { operations: frontOperations },
)
/** Stands in the application; nobody declares that they use it. */
export const stranger: Contract = contract('stranger', {
  operations: { read: query({ input: empty, output: empty, access: 'public' }) },
})

export type Values = z.output<typeof valuesSchema>
export type StoreQuery = QueryContext<NoDataSource, [], unknown>
export type StoreCommand = CommandContext<NoDataSource, [], unknown>
export type FrontQuery = QueryContext<NoDataSource, [typeof store], unknown>
export type FrontCommand = CommandContext<NoDataSource, [typeof store], unknown>

interface Any {
  value?: unknown
}
type Answer<Value> = Value | Promise<Value>

/** What the handlers of a test do; the others answer with their input. */
export interface Handlers {
  readonly echo?: (input: Values) => Answer<Values>
  readonly read?: (input: Any, ctx: StoreQuery) => Answer<Any>
  readonly act?: (input: Any, ctx: StoreCommand) => Answer<Any>
  readonly silent?: (input: Any, ctx: StoreQuery) => Answer<Any>
  readonly strict?: (input: { count: number }) => Answer<{ count: number }>
  readonly frontRead?: (input: Any, ctx: FrontQuery) => Answer<Any>
  readonly frontAct?: (input: Any, ctx: FrontCommand) => Answer<Any>
  readonly frontBrief?: (input: Any, ctx: FrontQuery) => Answer<Any>
  readonly frontEcho?: (input: Values, ctx: FrontQuery) => Answer<Values>
}

export interface Fixture {
  readonly clock: FakeClock
  readonly world: World
  readonly telemetry: Telemetry
  readonly calls: CompiledCalls
  readonly storage: MemoryStorage
  /** The lines logged so far. */
  logged(): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Moves the clock until the promise is settled; at most 60 s. */
  settle<Value>(promise: Promise<Value>): Promise<Value>
}

/** `split`: `store` runs apart, and calls of it cross as text, one hop of the event loop each way. */
export type FixtureRunner = Runner | 'split'

export interface FixtureOptions
  extends Partial<Pick<CallsOptions, 'inFlightMax' | 'issueToken' | 'filesOf' | 'sendMail'>> {
  readonly runner?: FixtureRunner
  readonly handlers?: Handlers
  /** Whether `store` has a database. */
  readonly hasStorage?: boolean
  readonly grants?: readonly Grant[]
}

export function createFixture(options: FixtureOptions = {}): Fixture {
  const clock = new FakeClock()
  const world = createWorld({ clock, random: createSeededRandom(1) })
  const sink = createMemorySink()
  const telemetry = createTelemetry({ clock, random: world.random, service: 'test', sink })
  const storage = new MemoryStorage()
  const {
    handlers = {},
    hasStorage = true,
    runner,
    inFlightMax,
    issueToken,
    filesOf,
    sendMail,
  } = options
  const tested = createApplication(handlers, options.grants ?? [])
  const shared: CallsOptions = {
    ...{ world, telemetry, configOf: () => ({ limit: 3 }) },
    storageOf: ({ contract: { name } }) => (hasStorage && name === 'store' ? storage : undefined),
    ...(inFlightMax === undefined ? {} : { inFlightMax }),
    ...(issueToken === undefined ? {} : { issueToken }),
    ...(sendMail === undefined ? {} : { sendMail }),
    ...(filesOf === undefined ? {} : { filesOf }),
  }
  const calls =
    runner === 'split'
      ? compileSplit(tested, shared)
      : compileCalls(tested, { ...shared, ...(runner === undefined ? {} : { runner }) })
  return {
    ...{ clock, world, telemetry, calls, storage },
    async logged() {
      await clock.advance(20)
      return sink.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    async settle(promise) {
      let isSettled = false
      const settled = promise.finally(() => void (isSettled = true))
      settled.catch(() => {})
      for (let step = 0; step < 6_000 && !isSettled; step++) await clock.advance(10)
      return promise
    },
  }
}

function compileSplit(tested: Application, shared: CallsOptions): CompiledCalls {
  const apart = compileCalls(tested, {
    ...shared,
    hosted: new Set(['store']),
    sender: new LoopbackSender(() => receiver),
  })
  const receiver = createReceiver(apart)
  return compileCalls(tested, {
    ...shared,
    hosted: new Set(['front', 'stranger']),
    sender: new LoopbackSender(() => receiver),
  })
}

/** Takes calls to a receiver in this process. */
export class LoopbackSender implements Sender {
  readonly #receiver: () => Receiver
  readonly #received = new Map<OutgoingCall, ReceivedCall>()

  constructor(receiver: () => Receiver) {
    this.#receiver = receiver
  }

  send(call: OutgoingCall): void {
    const { operation, callerModule, isAuthorized, input, principal, trace } = call
    const { idempotencyKey, criticality, token, remainingMs } = call
    const { traceId, spanId, isSampled } = trace
    const arrived = {
      ...{ operation, callerModule, isAuthorized, input, idempotencyKey, criticality, token },
      principal: structuredClone({ ...principal, roles: [...principal.roles] }),
      trace: { traceId, spanId, isSampled },
      timeoutMs: remainingMs,
    }
    const end = (settle: () => void): void => {
      this.#received.delete(call)
      queueMicrotask(settle)
    }
    queueMicrotask(() => {
      if (call.isSettled) return
      const received = this.#receiver().receive(arrived, {
        answered: (output) => end(() => call.answered(output)),
        failed: (error) => end(() => call.failed(error)),
      })
      this.#received.set(call, received)
    })
  }

  cancel(call: OutgoingCall): void {
    this.#received.get(call)?.cancel()
    this.#received.delete(call)
  }
}

function createApplication(handlers: Handlers, grants: readonly Grant[]) {
  const same = <Value>(input: Value): Value => input
  const storeModule = module(store, {
    grants,
    handlers: {
      echo: handlers.echo ?? same,
      read: handlers.read ?? same,
      act: handlers.act ?? same,
      silent: handlers.silent ?? same,
      strict: handlers.strict ?? same,
    },
  })
  const frontModule = module(front, {
    uses: [store],
    handlers: {
      read: handlers.frontRead ?? same,
      act: handlers.frontAct ?? same,
      brief: handlers.frontBrief ?? same,
      echo: handlers.frontEcho ?? ((input, ctx) => ctx.call.store.echo(input)),
      members: same,
      signedIn: same,
      inside: same,
    },
  })
  const strangerModule = module(stranger, { handlers: { read: same } })
  return application('test', {
    modules: [frontModule, storeModule, strangerModule],
    roles: ['member', 'clerk'],
  })
}

/** The port's test double: transactions happen once per claim, one after the other per key. */
export class MemoryStorage implements Storage {
  readonly claims: Claim[] = []
  readonly #results = new Map<string, Promise<unknown>>()

  reader(context: Context): unknown {
    return { readFor: context }
  }

  async transaction<Result>(
    _context: Context,
    work: (tx: never) => Promise<Result>,
    options: { readonly claim: Claim | undefined },
  ): Promise<Result> {
    const { claim } = options
    if (claim === undefined) return work({} as never)
    this.claims.push(claim)
    const { scope, operation, key, step } = claim
    const id = JSON.stringify([scope, operation, key, step])
    const known = this.#results.get(id)
    if (known !== undefined) return structuredClone(await known) as Result
    const result = work({} as never)
    this.#results.set(id, result)
    result.catch(() => this.#results.delete(id))
    return result
  }
}
