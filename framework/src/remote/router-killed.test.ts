import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { BanyanError } from '../kernel/index.ts'
import { anonymous, createSystemClock, createSystemRandom, sleep } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import type { OutgoingCall } from '../call/index.ts'
import { createDirectory } from './directory.ts'
import { createFramesCarrier } from './frames/frames-carrier.ts'
import type { Carrier, InstanceAddress } from './port.ts'
import { createPostCarrier } from './post/post-carrier.ts'
import { createRouter } from './router.ts'
import type { RetryLimits } from './router-options.ts'

const clock = createSystemClock()

/** A call of this moment, with a deadline of its own. */
class TimedCall implements OutgoingCall {
  readonly operation = 'stock.act'
  readonly module = 'stock'
  readonly isCommand: boolean
  readonly callerModule = 'front'
  readonly isAuthorized = true
  readonly input: string
  readonly principal = anonymous
  readonly trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: false }
  readonly idempotencyKey: string | undefined
  readonly criticality = 'default'
  readonly token = undefined
  readonly timeoutMs = 5_000
  readonly #deadlineMs = clock.monotonicMs() + 5_000
  senderSlot = -1
  outcome = ''

  constructor(number: number) {
    this.isCommand = number % 3 === 0
    this.idempotencyKey = this.isCommand ? `key ${number}` : undefined
    this.input = String(number)
  }

  get remainingMs(): number {
    return this.#deadlineMs - clock.monotonicMs()
  }

  get isSettled(): boolean {
    return this.outcome !== ''
  }

  answered(output: string): void {
    this.outcome ||= output === this.input ? 'answered' : `the answer ${output}`
  }

  failed(error: string): void {
    this.outcome ||= error
  }

  lost(error: BanyanError): void {
    this.outcome ||= `${error.code}: ${error.message}`
  }
}

/** Instances as processes, and the directory that lists them. */
class Instances {
  readonly directory = createDirectory()
  readonly #folder: string
  readonly #children = new Map<string, ChildProcess>()
  #count = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async start(): Promise<string> {
    const id = `sales-${++this.#count}`
    const path = join(this.#folder, id)
    const child = fork(new URL('./peer.fixture.ts', import.meta.url), [path, id, '15'], {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    })
    this.#children.set(id, child)
    await once(child, 'message')
    const address: InstanceAddress = {
      ...{ id, service: 'sales', modules: ['stock'], endpoint: { kind: 'unix', path } },
    }
    this.directory.set([...this.directory.instances, address])
    return id
  }

  /** Kills it outright; the directory learns of it later, as a supervisor would. */
  async kill(id: string): Promise<void> {
    const child = this.#take(id)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await sleep(clock, 30)
    this.#unlist(id)
  }

  /** Out of the directory first, then asked to end. */
  async stop(id: string): Promise<void> {
    const child = this.#take(id)
    this.#unlist(id)
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  /** Asked to end while the directory still lists it. */
  async stopListed(id: string): Promise<void> {
    const child = this.#take(id)
    child.kill('SIGTERM')
    await once(child, 'exit')
    this.#unlist(id)
  }

  end(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL')
  }

  #take(id: string): ChildProcess {
    const child = this.#children.get(id)
    if (child === undefined) throw new Error(`${id} does not run`)
    this.#children.delete(id)
    return child
  }

  #unlist(id: string): void {
    this.directory.set(this.directory.instances.filter((entry) => entry.id !== id))
  }
}

const carriers: readonly Carrier[] = [
  createFramesCarrier({ clock, service: 'edge', application: 'shop' }),
  createPostCarrier({ clock, service: 'edge', application: 'shop' }),
]

/** Runs `fault` under 500 calls a second, and answers how the calls ended. */
async function underLoad(
  t: TestContext,
  carrier: Carrier,
  fault: (instances: Instances, ids: string[]) => Promise<void>,
  retry: Partial<RetryLimits> = {},
): Promise<{ readonly calls: number; readonly failed: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-road-'))
  const instances = new Instances(folder)
  t.after(async () => {
    instances.end()
    await rm(folder, { recursive: true })
  })
  const ids = [await instances.start(), await instances.start()]
  const random = createSystemRandom()
  const router = createRouter({
    ...{ clock, random, carrier, directory: instances.directory, self: { service: 'edge' } },
    telemetry: createTelemetry({ clock, random, service: 'edge', sink: createMemorySink() }),
    retry,
  })
  const calls: TimedCall[] = []
  let isOver = false
  const load = (async () => {
    for (const startMs = clock.monotonicMs(); !isOver; await sleep(clock, 4)) {
      // an open model: what is late is made up for
      while (calls.length < (clock.monotonicMs() - startMs) / 2) {
        const call = new TimedCall(calls.length)
        calls.push(call)
        router.send(call)
      }
    }
  })()
  await sleep(clock, 200)
  await fault(instances, ids)
  await sleep(clock, 200)
  isOver = true
  await load
  await router.close(3_000)
  const failed = calls.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'answered')
  return { calls: calls.length, failed }
}

/** Kills one instance after the other, each replaced by a new one. */
async function killInTurn(instances: Instances, ids: string[]): Promise<void> {
  for (let kills = 0; kills < 4; kills++) {
    await instances.kill(ids.shift() ?? '')
    ids.push(await instances.start())
    await sleep(clock, 100)
  }
}

for (const carrier of carriers) {
  test(`killing one of two instances under load loses no call (${carrier.name})`, async (t) => {
    const { calls, failed } = await underLoad(t, carrier, killInTurn)
    assert.deepEqual(failed, [])
    assert.ok(calls > 500, `${calls} calls`)
  })

  test(`without retries the same kills lose calls (${carrier.name})`, async (t) => {
    const { failed } = await underLoad(t, carrier, killInTurn, { attemptsMax: 1 })
    assert.ok(failed.length > 0)
    const codes = new Set(failed.map((outcome) => outcome.split(':')[0]))
    for (const code of codes)
      assert.match(code ?? '', /^(REMOTE_UNREACHABLE|CALL_OUTCOME_UNKNOWN)$/)
  })

  test(`stopping instances in turn loses no call, even without retries (${carrier.name})`, async (t) => {
    const replace = async (instances: Instances, ids: string[]): Promise<void> => {
      for (const isListed of [false, true]) {
        ids.push(await instances.start())
        const id = ids.shift() ?? ''
        await (isListed ? instances.stopListed(id) : instances.stop(id))
      }
    }
    const { failed } = await underLoad(t, carrier, replace, { attemptsMax: 1 })
    assert.deepEqual(failed, [])
  })
}
