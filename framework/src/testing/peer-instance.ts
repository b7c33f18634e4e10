import type { Clock } from '../kernel/index.ts'
import type { Directory, Endpoint, InstanceAddress } from '../remote/index.ts'
import { type Instance, type PlacedService, startInstance } from '../runtime/index.ts'
import { createTelemetry, type LogSink, type Telemetry } from '../telemetry/index.ts'
import type { PlannedCalls } from '../topology/index.ts'
import { type HostParts, instanceOptionsOf, listenOf } from './host.ts'
import type { KillMoment } from './kill-plan.ts'
import { Life, type LifeOptions, mortalApplication } from './life.ts'

/** Spans kept by one of many instances: a test looks at a few. */
const spansMax = 2_048

/** What the instances of one split application agree on. */
export interface Road {
  readonly services: readonly PlacedService[]
  readonly calls: PlannedCalls
  readonly directory: Directory
  /** Time between instances, which goes on by itself also where a test moves the clock by hand. */
  readonly clock: Clock
  /** Folder of certificates, with mutual TLS. */
  readonly certificates: string | undefined
}

export interface PeerOptions {
  readonly parts: HostParts
  readonly road: Road
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
      clock: options.road.clock,
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
    void this.instance.stop()
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
  { parts, road, service, id, endpoint, mortality }: PeerOptions,
  telemetry: Telemetry,
  life: Life,
): Promise<Instance> {
  const { application, options } = parts
  const { services, calls, directory, clock, certificates } = road
  const isEdge = service.runs.includes('http')
  return startInstance({
    ...instanceOptionsOf(parts),
    ...(isEdge ? listenOf(parts) : {}),
    application: mortality === undefined ? application : mortalApplication(application, life),
    telemetry,
    schedules: options.schedules ?? false,
    placement: {
      ...{ services, service: service.name, id, calls, endpoint, directory, clock },
      ...(certificates === undefined ? {} : { certificates }),
    },
  })
}
