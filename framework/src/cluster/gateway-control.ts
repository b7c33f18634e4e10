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

/** Tells the keeper of the gateway what to do, and again after each of its restarts: it is told states,
 *  not changes, so nothing can be missed. */
export class GatewayControl {
  readonly #clock: Clock
  readonly #onRefused: (error: Error) => void
  #order: Extract<ToChild, { type: 'gateway' }> | undefined
  #text = ''
  #revision = 0
  #answered: Applied | undefined
  #keeper: Child | undefined
  readonly #waiting = new Set<(applied: Applied) => void>()

  constructor(clock: Clock, onRefused: (error: Error) => void) {
    this.#clock = clock
    this.#onRefused = onRefused
  }

  /** The keeper connected: it is told where it stands. */
  connected(keeper: Child): void {
    this.#keeper = keeper
    if (this.#order !== undefined) keeper.tell(this.#order)
  }

  heard(applied: Applied): void {
    this.#answered = applied
    if (applied.error !== undefined)
      this.#onRefused(clusterGatewayRefused({ cause: describe(applied) }))
    for (const hear of this.#waiting) hear(applied)
  }

  /** Sets what the gateway is to do from now on. */
  order({ planFile, instances }: GatewayOrder): void {
    const text = JSON.stringify({ planFile, instances })
    if (text === this.#text) return
    this.#text = text
    this.#revision++
    this.#order = { type: 'gateway', revision: this.#revision, planFile, instances }
    this.#keeper?.tell(this.#order)
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
      const timer = this.#clock.after(timeoutMs, () => {
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
