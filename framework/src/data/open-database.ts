import {
  type Context,
  createSystemContext,
  Deadlines,
  type Timer,
  type World,
} from '../kernel/index.ts'
import { ChannelListener } from './channel-listener.ts'
import type {
  Database,
  DatabaseOptions,
  Listening,
  ModuleDatabase,
  NotificationListener,
} from './database.ts'
import { dataModuleUnknown, dataUnavailable } from './errors.ts'
import { sweepText } from './idempotency.ts'
import { parseLimits, settleMsMax } from './limits.ts'
import { ModuleData } from './module-data.ts'
import { prepareDatabase } from './prepare.ts'
import type { DatabaseServer, Problem } from './port.ts'

const sweepRowsMax = 1_000
const sweepBatchesMax = 1_000
const systemTimeoutMs = 10_000
const pingTimeoutMs = 2_000

/** Opens the database for its modules: makes what is missing (schemas, roles, migrations) and hands
 *  out one handle per module. Connections are opened when they are needed.
 *  @throws DATA_UNAVAILABLE · DATA_RIGHT_MISSING · DATA_MIGRATION_CHANGED · DATA_MIGRATION_VANISHED ·
 *    DATA_MIGRATION_FAILED · DATA_LIMIT_INVALID · the other DATA_MIGRATION_… · DATA_EXTENSION_REFUSED
 *  Concurrency: any number of instances at once; one migrates, the others wait for it.
 *  Cost: 4 round trips when nothing is to do.
 *  Limits: per module 2 read and 8 transaction connections, unless `limits` says otherwise; a
 *  server's `max_connections` must hold modules × 10 × instances. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { server, world, telemetry } = options
  const limits = parseLimits(options.limits)
  const { modules: tables, streams = {} } = options
  const wanted = await prepareDatabase(server, { modules: tables, streams }, world)
  const modules = new Map(
    wanted.map((module) => {
      const data = new ModuleData({ module, server, world, telemetry, limits })
      return [module.module, data] as const
    }),
  )
  return new OpenDatabase(server, world, modules, Math.max(50, limits.idleMsMax / 6))
}

class OpenDatabase implements Database {
  readonly #server: DatabaseServer
  readonly #world: World
  readonly #modules: ReadonlyMap<string, ModuleData>
  readonly #deadlines: Deadlines
  readonly #housekeepingMs: number
  readonly #listening = new Set<ChannelListener>()
  #housekeeping: Timer
  #closing: Promise<void> | undefined

  constructor(
    server: DatabaseServer,
    world: World,
    modules: ReadonlyMap<string, ModuleData>,
    housekeepingMs: number,
  ) {
    this.#housekeepingMs = housekeepingMs
    this.#server = server
    this.#world = world
    this.#modules = modules
    this.#deadlines = new Deadlines(world.clock)
    this.#housekeeping = this.#keepHouse()
  }

  of(module: string): ModuleDatabase {
    const data = this.#modules.get(module)
    if (data === undefined) throw dataModuleUnknown({ module })
    return data
  }

  async sweep(): Promise<number> {
    let deleted = 0
    for (const data of this.#modules.values()) deleted += await this.#sweepModule(data)
    return deleted
  }

  async ping(): Promise<void> {
    const [data] = this.#modules.values()
    if (data === undefined) return this.#pingOwner()
    await data.read(this.#systemContext(pingTimeoutMs), 'select 1', [])
  }

  listen(channel: string, listener: NotificationListener): Listening {
    const { random, clock } = this.#world
    const probe = `${channel}_${random.bytes(8).toString('hex')}`
    const listening = new ChannelListener({
      ...{ server: this.#server, clock, random, channel, probe, listener },
      closed: () => void this.#listening.delete(listening),
    })
    this.#listening.add(listening)
    if (this.#closing === undefined) listening.start()
    return listening
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  destroy(): void {
    this.#housekeeping.stop()
    for (const listening of this.#listening) listening.close()
    for (const data of this.#modules.values()) data.destroy()
    this.#closing ??= Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#housekeeping.stop()
    for (const listening of this.#listening) listening.close()
    const all = [...this.#modules.values()]
    const grace = Promise.withResolvers<void>()
    const timer = this.#world.clock.after(settleMsMax, grace.resolve)
    await Promise.race([Promise.all(all.map((data) => data.drain())), grace.promise])
    timer.stop()
    for (const data of all) data.destroy()
  }

  async #sweepModule(data: ModuleData): Promise<number> {
    const now = new Date(this.#world.clock.nowMs())
    let deleted = 0
    for (let batch = 0; batch < sweepBatchesMax; batch++) {
      const { rowCount } = await data.withRunner(this.#systemContext(systemTimeoutMs), (runner) =>
        runner.run(sweepText, [now, sweepRowsMax]),
      )
      deleted += rowCount ?? 0
      if ((rowCount ?? 0) < sweepRowsMax) break
    }
    return deleted
  }

  async #pingOwner(): Promise<void> {
    try {
      const connection = await this.#server.connect()
      await connection.close()
    } catch (problem) {
      const reason = (problem as Problem).message
      throw dataUnavailable({ address: this.#server.address, reason }, { cause: problem })
    }
  }

  #systemContext(timeoutMs: number): Context {
    return createSystemContext(this.#world, this.#deadlines, timeoutMs)
  }

  #keepHouse(): Timer {
    return this.#world.clock.after(
      this.#housekeepingMs,
      () => {
        for (const data of this.#modules.values()) data.closeIdle()
        this.#housekeeping = this.#keepHouse()
      },
      { background: true },
    )
  }
}
