import { readPlannedSystem } from '../../cluster/index.ts'
import {
  createGateway,
  type Gateway,
  haproxyBinaryMissing,
  haproxyProcessMissing,
  haproxyVersionUnsupported,
} from '../../engines/haproxy/index.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadProject } from '../load-application.ts'
import { print } from '../terminal.ts'
import type { GatewayOrder, Keeper, Keeping } from './kept.ts'
import { wrongTask } from './wrong-task.ts'

/** Keeps HAProxy in front of the instances that serve the public HTTP of the application in `folder`.
 *  HAProxy outlives this process and is taken over by the next one, which so can follow another plan
 *  and other contracts. */
export function haproxyKeeper(folder: string): Keeper {
  return {
    kind: 'gateway',
    isFinal: (error) => haproxyBinaryMissing.is(error) || haproxyVersionUnsupported.is(error),
    start(keeping) {
      const { task } = keeping.orders
      if (task.kind !== 'gateway') return Promise.reject(wrongTask(task))
      const kept = new KeptGateway(keeping, { folder, gatewayFolder: task.folder })
      keeping.onGateway((order) => kept.obey(order))
      return Promise.resolve(kept)
    },
  }
}

/** The gateway of one keeper. Orders take turns; the newest is the truth. */
class KeptGateway {
  readonly #keeping: Keeping
  readonly #folders: { readonly folder: string; readonly gatewayFolder: string }
  #turn: Promise<void> = Promise.resolve()
  #planFile: string | undefined
  #gateway: Gateway | undefined
  #isStopping = false

  constructor(
    keeping: Keeping,
    folders: { readonly folder: string; readonly gatewayFolder: string },
  ) {
    this.#keeping = keeping
    this.#folders = folders
  }

  obey(order: GatewayOrder): void {
    this.#turn = this.#turn.then(() => this.#obey(order))
  }

  async stop({ isHasty }: { readonly isHasty: boolean }): Promise<void> {
    this.#isStopping = true
    await this.#turn
    await this.#gateway?.stop(isHasty ? 0 : undefined)
  }

  async #obey(order: GatewayOrder): Promise<void> {
    if (this.#isStopping) return
    const { lifeline, giveUp } = this.#keeping
    // A keeper follows one plan: HAProxy serves on until the next keeper takes it over.
    if (this.#planFile !== undefined && this.#planFile !== order.planFile)
      process.exit(exitCodes.ok)
    this.#planFile = order.planFile
    try {
      this.#gateway ??= await this.#start(order)
      await this.#gateway.apply({ instances: order.instances })
      lifeline.gatewayApplied(order.revision)
    } catch (error) {
      lifeline.gatewayApplied(order.revision, error)
      if (this.#gateway === undefined) giveUp(error)
    }
  }

  async #start({ planFile }: GatewayOrder): Promise<Gateway> {
    const { orders, clock, lifeline, giveUp } = this.#keeping
    const { folder, gatewayFolder } = this.#folders
    const { application } = await loadProject(folder)
    const { plan } = readPlannedSystem(planFile)
    let label = 'HAProxy'
    const gateway = createGateway({
      ...{ plan, application, clock, folder: gatewayFolder },
      orphanGraceMs: orders.lifeline.graceMs,
      log: print,
      report: (event) => {
        if ('version' in event) label = `HAProxy ${event.version}`
        print(JSON.stringify({ level: 30, msg: `gateway ${event.type}`, ...event }))
      },
    })
    await gateway.start()
    void gateway.exited.then(() => {
      if (!this.#isStopping) giveUp(haproxyProcessMissing({ folder: gatewayFolder }))
    })
    const { host, port } = plan.listen
    lifeline.ready({ url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, label })
    return gateway
  }
}
