import type { Clock } from '../kernel/index.ts'
import type { Endpoint, InstanceAddress } from '../remote/index.ts'
import {
  type Instance,
  type PlacedService,
  type Placement,
  startInstance,
} from '../runtime/index.ts'
import { createTelemetry, type LogSink, type Telemetry } from '../telemetry/index.ts'
import { type HostParts, instanceOptionsOf, listenOf } from './host.ts'
import type { KillMoment } from './kill-plan.ts'
import { Life, type LifeOptions, mortalApplication } from './life.ts'

/** Spans kept by one of many instances: a test looks at a few. */
const spansMax = 2_048

/** What the places of all instances of one application have in common. */
export type SharedPlacement = Omit<Placement, 'service' | 'id' | 'endpoint'>

export interface PeerOptions {
  readonly parts: HostParts
  readonly shared: SharedPlacement
  /** Time that goes on by itself, also where a test moves the clock by hand. */
  readonly clock: Clock
  readonly service: PlacedService
  /** Unique within the test: `service-cart-3`. */
  readonly id: string
  readonly endpoint: Endpoint
  /** What it may die of; without it the instance lives as long as the test. */
  readonly mortality?: Pick<LifeOptions, 'fateOf' | 'mayEnd'>
  /** Told when a call was fatal; the instance is dead by then. */
  readonly died?: (dead: PeerInstance, operation: string, moment: KillMoment) => void
}

/** One instance among others, with all that a process of its own would have. */
export class PeerInstance {
  readonly id: string
  readonly service: PlacedService
  readonly instance: Instance
  /** Fulfils when it was killed. */
  readonly ended: Promise<void>
  readonly #telemetry: Telemetry
  readonly #noteEnd: () => void

  private constructor(options: PeerOptions, instance: Instance, telemetry: Telemetry) {
    this.id = options.id
    this.service = options.service
    this.instance = instance
    this.#telemetry = telemetry
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#noteEnd = resolve
  }

  static async start(options: PeerOptions): Promise<PeerInstance> {
    let started: PeerInstance | undefined
    const life = new Life({
      clock: options.clock,
      fateOf: () => (started === undefined ? undefined : options.mortality?.fateOf()),
      mayEnd: (calls) => options.mortality?.mayEnd(calls) === true,
      end(operation, moment) {
        if (started === undefined) return
        started.#cut()
        options.died?.(started, operation, moment)
      },
    })
    const telemetry = createPeerTelemetry(options, life)
    const instance = await startPeer(options, telemetry, life)
    started = new PeerInstance(options, instance, telemetry)
    return started
  }

  get address(): InstanceAddress {
    const { id, service, instance } = this
    const { peers } = instance
    if (peers === undefined) throw new Error(`${id} has no listener for its peers`)
    return { id, service: service.name, modules: service.modules, endpoint: peers.endpoint }
  }

  flushLogs(): void {
    void this.#telemetry.logs.flush()
  }

  /** Gives back what it holds, alive or dead. */
  stop(): Promise<void> {
    return this.instance.stop()
  }

  /** What SIGKILL does: connections to the database and to peers end where they are. */
  #cut(): void {
    this.instance.database?.destroy()
    void this.instance.peers?.stop()
    this.#noteEnd()
    // what goes wrong here is thrown when the test ends and asks again
    this.instance.stop().catch(() => {})
  }
}

function createPeerTelemetry({ parts, service }: PeerOptions, life: Life): Telemetry {
  const { world, application } = parts
  const { clock, random } = world
  const sink: LogSink = {
    write(lines) {
      if (!life.isOver) parts.sink.write(lines)
    },
    flush: () => parts.sink.flush(),
    droppedLines: 0,
  }
  const name = `${application.name}-${service.name}`
  return createTelemetry({ clock, random, sink, service: name, level: 'debug', spansMax })
}

function startPeer(
  { parts, shared, service, id, endpoint, mortality }: PeerOptions,
  telemetry: Telemetry,
  life: Life,
): Promise<Instance> {
  const { application, options } = parts
  const isEdge = service.runs.includes('http')
  return startInstance({
    ...instanceOptionsOf(parts),
    ...(isEdge ? listenOf(parts) : {}),
    application: mortality === undefined ? application : mortalApplication(application, life),
    telemetry,
    schedules: options.schedules ?? false,
    placement: { ...shared, service: service.name, id, endpoint },
  })
}
