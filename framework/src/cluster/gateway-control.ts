import type { Clock } from '../kernel/index.ts'
import type { Child } from './child.ts'
import { clusterGatewayRefused } from './errors.ts'
import type { FromChild, GatewayInstance, ToChild } from './message.ts'

/** What the gateway is to do. */
export interface GatewayOrder {
  readonly planFile: string
  readonly instances: readonly GatewayInstance[]
}

type Applied = Extract<FromChild, { type: 'gatewayApplied' }>

export interface GatewayControlOptions {
  readonly clock: Clock
  /** Told when the gateway did not take an order. */
  readonly onRefused: (error: Error) => void
  /** Starts the keeper anew, while the gateway itself serves on. */
  readonly replaceKeeper: () => void
}

/** Tells the keeper of the gateway what to do, and again after each of its restarts: it is told states,
 *  not changes, so nothing can be missed. A keeper follows one plan: for another one it is started anew,
 *  with the application's contracts as they are then. */
export class GatewayControl {
  readonly #options: GatewayControlOptions
  #order: Extract<ToChild, { type: 'gateway' }> | undefined
  #text = ''
  #revision = 0
  #answered: Applied | undefined
  #keeper: Child | undefined
  /** The plan that the keeper follows. */
  #followed: string | undefined
  readonly #waiting = new Set<(applied: Applied) => void>()

  constructor(options: GatewayControlOptions) {
    this.#options = options
  }

  /** The keeper connected: it is told where it stands. */
  connected(keeper: Child): void {
    const isNew = this.#keeper !== keeper
    this.#keeper = keeper
    if (isNew) this.#followed = undefined
    this.#tell()
  }

  heard(applied: Applied): void {
    this.#answered = applied
    if (applied.error !== undefined)
      this.#options.onRefused(clusterGatewayRefused({ cause: describe(applied) }))
    for (const hear of this.#waiting) hear(applied)
  }

  /** Sets what the gateway is to do from now on. */
  order({ planFile, instances }: GatewayOrder): void {
    const text = JSON.stringify({ planFile, instances })
    if (text === this.#text) return
    this.#text = text
    this.#revision++
    this.#order = { type: 'gateway', revision: this.#revision, planFile, instances }
    this.#tell()
  }

  #tell(): void {
    if (this.#order === undefined || this.#keeper === undefined) return
    const { planFile } = this.#order
    this.#followed ??= planFile
    if (this.#followed === planFile) this.#keeper.tell(this.#order)
    else this.#options.replaceKeeper()
  }

  /** Waits until the gateway does what it was told last.
   *  @throws CLUSTER_GATEWAY_REFUSED also when it does not answer within `timeoutMs` */
  settled(timeoutMs: number): Promise<void> {
    const revision = this.#revision
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.stop()
        this.#waiting.delete(hear)
      }
      const timer = this.#options.clock.after(timeoutMs, () => {
        end()
        reject(clusterGatewayRefused({ cause: `no answer within ${timeoutMs} ms` }))
      })
      const hear = (applied: Applied): void => {
        if (applied.revision < revision) return
        end()
        if (applied.error === undefined) resolve()
        else reject(clusterGatewayRefused({ cause: describe(applied) }))
      }
      this.#waiting.add(hear)
      if (this.#answered !== undefined) hear(this.#answered)
    })
  }
}

function describe({ error }: Applied): string {
  return error === undefined ? '' : `${error.code} ${error.message}`
}
