import type { z } from 'zod'
import {
  defineError,
  type ErrorDefinition,
  type ErrorDetails,
  type ErrorKind,
} from '../kernel/index.ts'

/** A domain error that a contract declares, typed on both sides of a call. */
export interface Failure<Details extends z.ZodType = z.ZodType> {
  readonly kind: FailureKind
  readonly details: Details
  /** Text for people; a method so that a specific failure is also a general one. */
  message?(details: z.output<Details>): string
}

/** The kinds that a domain may end with; the others are the platform's to conclude. */
export type FailureKind = Extract<
  ErrorKind,
  'invalid' | 'forbidden' | 'not_found' | 'conflict' | 'exhausted' | 'unavailable'
>

/** Declares a domain error.
 *  @param message  Text for people; without it the failure's name is the text. */
export function failure<Details extends z.ZodType>(
  kind: FailureKind,
  details: Details,
  message?: (details: z.output<Details>) => string,
): Failure<Details> {
  return message === undefined ? { kind, details } : { kind, details, message }
}

/** The throwable form of a declared failure: `throw inventory.failures.soldOut({ sku })`, and
 *  `inventory.failures.soldOut.is(error)` on the caller's side. */
export type FailureDefinition<F extends Failure> = ErrorDefinition<
  z.output<F['details']> & ErrorDetails
> & {
  readonly declared: F
}

/** Gives a failure its code: `INVENTORY_SOLD_OUT` for `soldOut` of `inventory`. */
export function bindFailure<F extends Failure>(
  contract: string,
  name: string,
  declared: F,
): FailureDefinition<F> {
  const code = `${snake(contract)}_${snake(name)}`.toUpperCase()
  const definition = defineError<z.output<F['details']> & ErrorDetails>(code, declared.kind, {
    message: (details) => declared.message?.(details) ?? `${contract}: ${words(name)}`,
    fix: '',
  })
  return Object.assign(definition, { declared })
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
}

function words(name: string): string {
  return snake(name).replaceAll('_', ' ').toLowerCase()
}
