import type { BanyanError, Clock } from '../kernel/index.ts'
import { Doorbell } from './doorbell.ts'
import { messagesCancelled, messagesLeaseLost } from './errors.ts'
import type { LeasedMessage, Said } from './leased-message.ts'
import type { MessageHandlerContext } from './message-handler-context.ts'
import type { MessageStore } from './message-store.ts'

export interface LeaseKeeperOptions {
  readonly store: MessageStore
  readonly clock: Clock
  readonly leaseMs: number
  /** What this process holds, by position. */
  readonly held: ReadonlyMap<bigint, LeasedMessage>
  /** The runs of what it holds, by position. */
  readonly contexts: ReadonlyMap<bigint, MessageHandlerContext>
  /** Whether a run that lost its lease is ended; false only in negative controls. */
  readonly endsLost: boolean
  failed(error: unknown): void
}

const lookEveryMs = 1_000

/** Keeps the leases of what a worker holds, as long as its process lives and is not stuck. On the way it
 *  writes what runs said of their progress, and ends runs that lost their lease or that an operator
 *  cancelled. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #bell: Doorbell
  /** Those that their own transaction had locked when they were to be extended. */
  #locked: ReadonlySet<bigint> = new Set()
  #extendedMs = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
    this.#bell = new Doorbell(options.clock)
  }

  /** Call it once. */
  start(): void {
    void this.#work()
  }

  /** Ends at once; a statement under way ends by itself. */
  stop(): void {
    this.#isStopped = true
    this.#bell.ring()
  }

  async #work(): Promise<void> {
    const { held, leaseMs } = this.#options
    while (!this.#isStopped) {
      await this.#bell.wait(Math.min(lookEveryMs, leaseMs / 6))
      if (held.size === 0 || this.#isStopped) continue
      await this.#beat().catch((error: unknown) => this.#options.failed(error))
    }
  }

  async #beat(): Promise<void> {
    const { clock, store, held, leaseMs, endsLost } = this.#options
    const nowMs = clock.monotonicMs()
    const isDue = nowMs >= this.#extendedMs + leaseMs / 3
    const extended = [...held.values()].filter(({ position }) => {
      return isDue || this.#locked.has(position)
    })
    const said = this.#said()
    const look = await store.keep([...held.values()], { extended, leaseMs, said })
    if (isDue) this.#extendedMs = nowMs
    this.#locked = look.locked
    for (const { position, progress } of said) {
      if (look.told.has(position)) this.#written(position, progress)
    }
    if (endsLost) for (const position of look.lost) this.#cancel(position, messagesLeaseLost)
    for (const position of look.cancelling) this.#cancel(position, messagesCancelled)
  }

  #said(): readonly Said[] {
    const said: Said[] = []
    for (const [position, { said: progress }] of this.#options.contexts) {
      if (progress !== undefined) said.push({ position, progress })
    }
    return said
  }

  /** Unless it has said something else meanwhile. */
  #written(position: bigint, progress: Said['progress']): void {
    const context = this.#options.contexts.get(position)
    if (context?.said === progress) context.said = undefined
  }

  #cancel(position: bigint, reason: (details: { queue: string; id: string }) => BanyanError): void {
    const context = this.#options.contexts.get(position)
    context?.cancel(reason({ queue: context.work.id, id: context.message.id }))
  }
}
