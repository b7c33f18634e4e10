import type { Random } from 'banyan/kernel'
import { z } from 'zod'
import type { Operation } from './provider.ts'

/** How the provider misbehaves, for whom and how often. */
export const behaviourSchema = z.object({
  operation: z.enum(['authorise', 'capture', 'void', 'refund', 'any']).default('any'),
  /** `slow` answers after `ms`; `fail` answers `status`; `hang` never answers; `drop` cuts the
   *  connection. */
  mode: z.enum(['slow', 'fail', 'hang', 'drop']),
  /** Whether the effect happens nevertheless; only `slow` must. */
  effect: z.enum(['none', 'done']).default('none'),
  ms: z.int().min(0).max(60_000).default(1_000),
  status: z.int().min(400).max(599).default(503),
  /** `drop` after half of the answer instead of before it. */
  partial: z.boolean().default(false),
  /** Share of the requests that it hits. */
  share: z.number().min(0).max(1).default(1),
  /** Requests until it wears off; without it, never. */
  count: z.int().min(1).optional(),
})
export type Behaviour = z.output<typeof behaviourSchema>
export type BehaviourInput = z.input<typeof behaviourSchema>

/** The behaviours in force. The first that fits decides. */
export class Behaviours {
  readonly #random: Random
  #active: { readonly behaviour: Behaviour; remaining: number }[] = []

  constructor(random: Random) {
    this.#random = random
  }

  add(input: BehaviourInput): void {
    const behaviour = behaviourSchema.parse(input)
    this.#active.push({ behaviour, remaining: behaviour.count ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.#active = []
  }

  list(): Behaviour[] {
    return this.#active.map(({ behaviour }) => behaviour)
  }

  /** The behaviour for one request; drawing it uses it up. */
  draw(operation: Operation): Behaviour | undefined {
    for (const entry of this.#active) {
      const { behaviour } = entry
      if (behaviour.operation !== 'any' && behaviour.operation !== operation) continue
      if (behaviour.share < 1 && this.#random.fraction() >= behaviour.share) continue
      entry.remaining--
      if (entry.remaining <= 0) this.#active = this.#active.filter((other) => other !== entry)
      return behaviour
    }
    return undefined
  }
}
