import { BanyanError, type Clock, type Timer } from '../../kernel/index.ts'
import { haproxyStateRefused } from './errors.ts'
import type { GatewayEvent } from './gateway-event.ts'
import type { PlannedServer } from './gateway-state.ts'
import { askWorker } from './runtime-api.ts'
import { leavingServers, planChanges, type ServerChange } from './server-changes.ts'
import { backendName } from './server-options.ts'
import { readServers } from './server-table.ts'

const deleteEveryMs = 250

export interface ServerKeeperOptions {
  readonly clock: Clock
  readonly runtimeSocket: string
  readonly checkEveryMs: number
  readonly report: ((event: GatewayEvent) => void) | undefined
  /** Makes a reload know these servers. */
  readonly writeFiles: (wanted: readonly PlannedServer[]) => Promise<void>
  readonly reload: () => Promise<unknown>
}

/** Keeps the servers of a running HAProxy as they are wanted. */
export class ServerKeeper {
  readonly #options: ServerKeeperOptions
  #wanted: readonly PlannedServer[] = []
  #timer: Timer | undefined
  #deleting: Promise<void> = Promise.resolve()

  constructor(options: ServerKeeperOptions) {
    this.#options = options
  }

  /** Files first, because a reload forgets what only the running process knows; then the running
   *  process; then the proof.
   *  @throws HAPROXY_STATE_REFUSED · HAPROXY_COMMAND_FAILED · HAPROXY_RELOAD_FAILED */
  async bring(wanted: readonly PlannedServer[]): Promise<void> {
    this.stop()
    await this.#deleting
    this.#wanted = wanted
    await this.#options.writeFiles(wanted)
    const changes = await this.#changes()
    const refused = await this.#run(changes)
    if (refused !== undefined) await this.#reload(refused)
    this.#reportChanges(changes)
    await this.#deleteLeaving()
  }

  /** Stops deleting what has left; what is wanted stays as it is. */
  stop(): void {
    this.#timer?.stop()
    this.#timer = undefined
  }

  async #changes(): Promise<readonly ServerChange[]> {
    const rows = await readServers(this.#options.runtimeSocket)
    return planChanges(this.#wanted, rows, this.#options.checkEveryMs)
  }

  /** @returns what HAProxy said when it did not do what it was told; undefined when it did. */
  async #run(changes: readonly ServerChange[]): Promise<string | undefined> {
    const answers: string[] = []
    try {
      for (const command of changes.flatMap(({ commands }) => commands)) {
        const answer = await askWorker(this.#options.runtimeSocket, command)
        if (answer !== '') answers.push(answer)
      }
      if ((await this.#changes()).length === 0) return undefined
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error
      answers.push(error.message)
    }
    return answers.join('; ')
  }

  /** The files already say what is wanted; afterwards only what a file cannot say is left. */
  async #reload(refused: string): Promise<void> {
    await this.#options.reload()
    this.#options.report?.({ type: 'reloaded', cause: `the runtime API refused: ${refused}` })
    const answers = await this.#run(await this.#changes())
    if (answers === undefined) return
    const instances = (await this.#changes()).map(({ id }) => id).join(', ')
    throw haproxyStateRefused({ instances, answers })
  }

  #reportChanges(changes: readonly ServerChange[]): void {
    if (changes.length === 0) return
    const of = (kind: ServerChange['change']): string[] =>
      changes.filter(({ change }) => change === kind).map(({ id }) => id)
    const [added, altered, removed] = [of('add'), of('alter'), of('remove')]
    this.#options.report?.({ type: 'applied', added, altered, removed })
  }

  /** HAProxy refuses to delete a server that still has a connection; so it is asked until it does. */
  async #deleteLeaving(): Promise<void> {
    const { runtimeSocket, report } = this.#options
    const leaving = leavingServers(this.#wanted, await readServers(runtimeSocket))
    const deleted: string[] = []
    for (const id of leaving) {
      const answer = await askWorker(runtimeSocket, `del server ${backendName}/${id}`)
      if (answer.startsWith('Server deleted')) deleted.push(id)
    }
    if (deleted.length > 0) report?.({ type: 'deleted', instances: deleted })
    if (deleted.length < leaving.length) this.#deleteLater()
  }

  #deleteLater(): void {
    const run = (): void => {
      this.#deleting = this.#deleteLeaving().catch(() => this.#deleteLater())
    }
    this.#timer = this.#options.clock.after(deleteEveryMs, run, { background: true })
  }
}
