import { findAccount } from './account.ts'
import { findBinary, type HaproxyBinary } from './binary.ts'
import { ConfigStore } from './config-store.ts'
import { haproxyGatewayUnplanned, haproxyProcessMissing } from './errors.ts'
import type { Gateway, GatewayOptions } from './gateway.ts'
import { GatewayFolder } from './gateway-folder.ts'
import { type GatewayState, type PlannedServer, planServers } from './gateway-state.ts'
import { type GatewayStats, readStats } from './gateway-stats.ts'
import {
  type GatewayExit,
  type HaproxyProcess,
  spawnHaproxy,
  tryAdoptHaproxy,
} from './haproxy-process.ts'
import { fileNames } from './layout.ts'
import { LogFollower } from './log-follower.ts'
import { ServerKeeper } from './server-keeper.ts'
import { readServers, type ServerRow } from './server-table.ts'
import { stopHaproxy } from './soft-stop.ts'
import { describeKeeper } from './watchdog.ts'
import { awaitStart, reloadWorker, tryReadWorker } from './worker.ts'

const orphanGraceMs = 30_000

/** What there is while HAProxy runs. */
interface Running {
  readonly folder: GatewayFolder
  readonly config: ConfigStore
  readonly process: HaproxyProcess
  readonly servers: ServerKeeper
  readonly log: LogFollower
}

/** The gateway behind `createGateway`. Its operations take turns.
 *  States: idle → running (start) → idle (stop, or HAProxy ended; `exited` tells). */
export class HaproxyGateway implements Gateway {
  #ending: PromiseWithResolvers<GatewayExit> = Promise.withResolvers()
  #hasEnded = false
  readonly #options: GatewayOptions
  readonly #checkEveryMs: number
  #running: Running | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: GatewayOptions) {
    const { plan } = options
    if (plan.gateway === undefined) throw haproxyGatewayUnplanned({ topology: plan.topology })
    this.#options = options
    this.#checkEveryMs = plan.gateway.checkEveryMs
  }

  get exited(): Promise<GatewayExit> {
    return this.#ending.promise
  }

  get pid(): number | undefined {
    const running = this.#running
    return running?.process.exit === undefined ? running?.process.pid : undefined
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.pid === undefined) await this.#start()
    })
  }

  apply(state: GatewayState): Promise<void> {
    return this.#inTurn(async () => {
      const wanted = planServers(state)
      await this.#assertRunning().servers.bring(wanted)
    })
  }

  async stats(): Promise<GatewayStats> {
    return readStats(this.#assertRunning().folder.pathOf('runtimeSocket'))
  }

  stop(deadlineMs: number = this.#options.plan.drain.deadlineMs): Promise<void> {
    return this.#inTurn(async () => {
      const running = this.#running
      if (running === undefined) return
      const { folder, process } = running
      const { clock, plan } = this.#options
      running.servers.stop()
      await stopHaproxy(process, { clock, folder, noticeMs: plan.drain.noticeMs, deadlineMs })
      await running.log.stop()
      await folder.removeTraces()
      this.#running = undefined
      this.#options.report?.({ type: 'stopped' })
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** One operation after the other, whatever becomes of each. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run, run)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #assertRunning(): Running {
    const running = this.#running
    if (running !== undefined && running.process.exit === undefined) return running
    throw haproxyProcessMissing({ folder: this.#options.folder })
  }

  async #start(): Promise<void> {
    const folder = await GatewayFolder.open(this.#options.folder)
    const binary = await findBinary(this.#options.binary)
    const config = await this.#openConfig(folder, binary)
    await folder.write(fileNames.keeper, await describeKeeper())
    const adopted = await tryAdoptHaproxy(folder, this.#options.clock)
    const process = adopted ?? (await this.#spawn(folder, config, binary))
    const running = this.#assemble({ folder, config, process })
    if (adopted !== undefined) await this.#bringUpToDate(running)
    await running.log.start()
    this.#running = running
    if (this.#hasEnded) this.#ending = Promise.withResolvers()
    this.#hasEnded = false
    const { pid, isAdopted } = process
    const type = isAdopted ? 'adopted' : 'started'
    this.#options.report?.({ type, pid, version: binary.version })
    void process.exited.then((exit) => this.#end(running, exit))
  }

  async #openConfig(folder: GatewayFolder, binary: HaproxyBinary): Promise<ConfigStore> {
    const { plan, application, metricsPort, report } = this.#options
    const isMissing = metricsPort !== undefined && !binary.hasExporter
    if (isMissing) report?.({ type: 'metrics-missing', version: binary.version })
    return new ConfigStore(folder, binary.path, {
      plan,
      application,
      metricsPort: isMissing ? undefined : metricsPort,
      account: await findAccount(process.getuid?.()),
    })
  }

  async #spawn(
    folder: GatewayFolder,
    config: ConfigStore,
    binary: HaproxyBinary,
  ): Promise<HaproxyProcess> {
    const { clock } = this.#options
    await config.write([], 'check')
    const logOffset = await folder.logSize()
    const graceMs = this.#options.orphanGraceMs ?? orphanGraceMs
    const process = spawnHaproxy(folder, { binary: binary.path, orphanGraceMs: graceMs })
    try {
      await awaitStart({ folder, clock, process }, logOffset)
    } catch (error) {
      await stopHaproxy(process, { clock, folder, noticeMs: 0, deadlineMs: 0 })
      throw error
    }
    return process
  }

  #assemble(parts: Pick<Running, 'folder' | 'config' | 'process'>): Running {
    const { clock, log: onLine, report } = this.#options
    const { folder, config, process } = parts
    const servers = new ServerKeeper({
      clock,
      runtimeSocket: folder.pathOf('runtimeSocket'),
      checkEveryMs: this.#checkEveryMs,
      report,
      writeFiles: (wanted) => config.write(wanted, 'servers only'),
      reload: () => reloadWorker({ folder, clock, process }),
    })
    return { ...parts, servers, log: new LogFollower(folder, { clock, onLine }) }
  }

  /** An adopted HAProxy serves on with the instances it has. */
  async #bringUpToDate({ folder, config, process }: Running): Promise<void> {
    const { clock, report } = this.#options
    const worker = await tryReadWorker(folder)
    if (worker?.digest === config.digest) return
    const rows = await readServers(folder.pathOf('runtimeSocket'))
    await config.write(rows.filter(({ isOut }) => !isOut).map(serverOf), 'check')
    await reloadWorker({ folder, clock, process })
    report?.({ type: 'reloaded', cause: 'the plan is another one' })
  }

  #end(running: Running, exit: GatewayExit): void {
    running.servers.stop()
    void running.log.stop()
    this.#hasEnded = true
    this.#ending.resolve(exit)
  }
}

function serverOf({ id, host, port, isDraining, weight }: ServerRow): PlannedServer {
  return { id, host, port, isDraining, weight }
}
