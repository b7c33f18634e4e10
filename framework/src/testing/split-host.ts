import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureCertificates } from '../engines/authority/index.ts'
import { type Clock, createSystemClock } from '../kernel/index.ts'
import type { Messages } from '../messages/index.ts'
import { createDirectory, type Endpoint, type SettableDirectory } from '../remote/index.ts'
import type { Instance, PlacedService } from '../runtime/index.ts'
import type { PlannedCalls } from '../topology/index.ts'
import type { HostParts, TestHost } from './host.ts'
import { type Arrival, type Fate, type Kill, type KillMoment, KillPlan } from './kill-plan.ts'
import { PeerInstance, type PeerOptions, type SharedPlacement } from './peer-instance.ts'
import { chooseServices } from './runner.ts'
import { openSingleHost } from './single-host.ts'
import { migrate } from './template.ts'

/** Starts an `edge` that hosts no module and takes all callers, and the instances of each service: one,
 *  or two where they are killed. */
export async function openSplitHost(
  parts: HostParts,
  runner: 'split' | 'split-kill',
): Promise<TestHost> {
  const { application, options, server } = parts
  if (server !== undefined) await migrate(server, application)
  if (options.seed === true) await seed(parts)
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-split-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  try {
    const host = stack.use(new SplitHost(parts, folder, runner === 'split-kill'))
    await host.start()
    return {
      edge: host.edge,
      kills: host.kills,
      flushLogs: () => host.flushLogs(),
      runSchedule: (id) => host.runSchedule(id),
      messages: () => host.messages(),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** Before the services start: the seed of a module may call any other. */
async function seed(parts: HostParts): Promise<void> {
  const options = { ...parts.options, http: false, schedules: false }
  await using _seeded = await openSingleHost({ ...parts, options }, 'inline')
}

/** How instances call each other unless a test says otherwise. */
const callsDefault: PlannedCalls = {
  carrier: 'frames',
  transport: 'unix',
  mtls: false,
  connections: 1,
}

/** The services of one application in one process. Each instance has what a process of its own would
 *  have; they share the clock, chance, faults and settings of the test, and nothing else. */
class SplitHost implements AsyncDisposable {
  readonly kills: Kill[] = []
  readonly #parts: HostParts
  readonly #folder: string
  readonly #directory: SettableDirectory = createDirectory()
  readonly #shared: SharedPlacement
  readonly #clock: Clock = createSystemClock()
  readonly #services: readonly PlacedService[]
  readonly #plan: KillPlan | undefined
  /** Where every instance is, or was until another took its place. */
  readonly #living = new Set<PeerInstance>()
  readonly #dead = new Set<PeerInstance>()
  readonly #replacements = new Set<Promise<void>>()
  readonly #failures: unknown[] = []
  #edge: PeerInstance | undefined
  #started = 0
  #isStopping = false

  constructor(parts: HostParts, folder: string, isDeadly: boolean) {
    const { application, options } = parts
    this.#parts = parts
    this.#folder = folder
    const names = application.modules.map(({ contract }) => contract.name)
    this.#services = chooseServices(names, options.services).map((modules, index) => ({
      name: serviceNameOf(modules, index),
      modules,
      runs: ['schedules', 'messages'],
    }))
    this.#plan = isDeadly ? new KillPlan(this.#clock, options.kills) : undefined
    const certificates = path.join(folder, 'certificates')
    this.#shared = {
      services: [...this.#services, edgeService],
      calls: { ...callsDefault, ...options.calls },
      directory: this.#directory,
      clock: this.#clock,
      ...(options.calls?.mtls === true ? { certificates } : {}),
    }
  }

  get edge(): Instance {
    if (this.#edge === undefined) throw new Error('the edge has not started')
    return this.#edge.instance
  }

  async start(): Promise<void> {
    await this.#certify()
    const copies = this.#plan === undefined ? 1 : 2
    const wanted = this.#services.flatMap((service) =>
      Array.from({ length: copies }, () => service),
    )
    await Promise.all(wanted.map((service) => this.#add(service)))
    this.#edge = await this.#launch(edgeService)
    this.#publish()
  }

  flushLogs(): void {
    for (const peer of this.#all()) peer.flushLogs()
  }

  messages(): readonly Messages[] {
    return [...this.#living].flatMap(({ instance }) => instance.messages ?? [])
  }

  /** What was under way on an instance that was killed is run again on another one. */
  async runSchedule(id: string): Promise<void> {
    const module = id.split('.')[0] ?? ''
    for (;;) {
      const peer = [...this.#living].find(({ service }) => service.modules.includes(module))
      if (peer === undefined) throw new Error(`no module for the schedule ${id}`)
      const isDone = await Promise.race([
        peer.instance.schedules.run(id).then(() => true),
        peer.ended.then(() => false),
      ]).catch((error: unknown) => {
        if (this.#living.has(peer)) throw error
        return false
      })
      if (isDone) return
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    await this.#edge?.stop()
    await Promise.all(this.#replacements)
    await Promise.all(this.#all().map((peer) => peer.stop()))
    this.#assertDeadly()
  }

  /** A run under `split-kill` without a death would have proved nothing. */
  #assertDeadly(): void {
    if (this.#failures.length > 0) {
      throw new AggregateError(this.#failures, 'an instance that was killed could not be replaced')
    }
    if (this.#plan === undefined) return
    reportKills(this.kills.length)
    if (this.#plan.isOverdue) {
      throw new Error('no instance was killed, although calls enough were made')
    }
  }

  async #certify(): Promise<void> {
    const { certificates: folder, services } = this.#shared
    if (folder === undefined) return
    const application = this.#parts.application.name
    const names = services.map(({ name }) => name)
    await ensureCertificates({ folder, application, clock: this.#clock, services: names })
  }

  #all(): PeerInstance[] {
    const edge = this.#edge === undefined ? [] : [this.#edge]
    return [...edge, ...this.#living, ...this.#dead]
  }

  async #add(service: PlacedService): Promise<void> {
    this.#living.add(await this.#launch(service))
  }

  #launch(service: PlacedService): Promise<PeerInstance> {
    const number = ++this.#started
    return PeerInstance.start({
      ...{ parts: this.#parts, shared: this.#shared, clock: this.#clock, service },
      id: `${service.name}-${number}`,
      endpoint: this.#endpointOf(number),
      ...this.#mortalityOf(service),
      died: (dead, operation, moment) => this.#bury(dead, operation, moment),
    })
  }

  #endpointOf(number: number): Endpoint {
    return this.#shared.calls.transport === 'unix'
      ? { kind: 'unix', path: path.join(this.#folder, `${number}.sock`) }
      : { kind: 'tcp', host: '127.0.0.1', port: 0 }
  }

  #mortalityOf(service: PlacedService): Pick<PeerOptions, 'mortality'> {
    const plan = this.#plan
    if (plan === undefined || service === edgeService) return {}
    const mayEnd = (calls: readonly Arrival[]): boolean =>
      this.#canSpare(service) && plan.mayEnd(service.name, calls)
    const fateOf = (): Fate | undefined => (this.#canSpare(service) ? plan.next() : undefined)
    return { mortality: { fateOf, mayEnd } }
  }

  /** One instance of a service dies at a time: another one goes on. */
  #canSpare(service: PlacedService): boolean {
    const living = [...this.#living].filter((peer) => peer.service === service)
    return living.length > 1 && !this.#isStopping
  }

  /** A dead instance stays in the directory until another takes its place: its callers find out by
   *  themselves. */
  #bury(dead: PeerInstance, operation: string, moment: KillMoment): void {
    this.kills.push({ instance: dead.id, operation, moment })
    this.#living.delete(dead)
    this.#dead.add(dead)
    const replacement = this.#add(dead.service).then(
      () => this.#publish(),
      (error: unknown) => void this.#failures.push(error),
    )
    this.#replacements.add(replacement)
    void replacement.then(() => this.#replacements.delete(replacement))
  }

  #publish(): void {
    this.#directory.set([...this.#living].map(({ address }) => address))
  }
}

/** For who counts the deaths of a whole run: TEST_KILLS=report. */
function reportKills(count: number): void {
  if (process.env['TEST_KILLS'] === 'report') process.stderr.write(`killed instances: ${count}\n`)
}

/** `service-3-cart`: fit for a certificate, and unique. */
function serviceNameOf(modules: readonly string[], index: number): string {
  const names = modules.join('-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return `service-${index + 1}-${names}`.slice(0, 40).replace(/-$/, '')
}

const edgeService: PlacedService = { name: 'edge', modules: [], runs: ['http'] }
