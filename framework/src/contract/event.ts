import type { z } from 'zod'

/** A declared fact. */
export interface Event<Payload extends z.ZodType = z.ZodType> {
  /** ≥ 1; a consumer sees which version it reads. */
  readonly version: number
  readonly payload: Payload
  /** Events with one key are delivered in order. */
  key(payload: z.output<Payload>): string
}

/** Declares a fact that is published in the transaction that made it true. */
export function event<Payload extends z.ZodType>(options: Event<Payload>): Event<Payload> {
  return options
}

/** An event with its full name, `inventory.reserved`. */
export type NamedEvent<E extends Event> = E & { readonly name: string }
