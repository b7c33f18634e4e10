import type { z } from 'zod'
import { parseDurationMs } from '../kernel/index.ts'
import {
  contractAccessMissing,
  contractBodyInvalid,
  contractFailureUnknown,
  contractNameInvalid,
  contractSchemaOneWay,
  contractTimeoutInvalid,
} from './errors.ts'
import type { Event, NamedEvent } from './event.ts'
import { bindFailure, type Failure, type FailureDefinition } from './failure.ts'
import type { Operation } from './operation.ts'
import { parseRoute } from './route.ts'
import { compileSchema } from '../schema/index.ts'

export interface ContractOptions<
  Failures extends Record<string, Failure>,
  Operations extends Record<string, Operation>,
  Events extends Record<string, Event>,
> {
  readonly failures?: Failures
  readonly operations: Operations
  readonly events?: Events
}

/** All that other modules may know of a module. */
export interface Contract<
  Name extends string = string,
  Failures extends Record<string, Failure> = Record<string, Failure>,
  Operations extends Record<string, Operation> = Record<string, Operation>,
  Events extends Record<string, Event> = Record<string, Event>,
> {
  readonly name: Name
  readonly failures: { readonly [F in keyof Failures]: FailureDefinition<Failures[F]> }
  readonly operations: Operations
  readonly events: { readonly [E in keyof Events]: NamedEvent<Events[E]> }
}

/** Declares a contract: a run-time value whose types are inferred on both sides.
 *  @param name  Lower camel case; in snake_case it is the module's database schema.
 *  @throws CONTRACT_NAME_INVALID · CONTRACT_ROUTE_INVALID · CONTRACT_FAILURE_UNKNOWN ·
 *    CONTRACT_ACCESS_MISSING · CONTRACT_TIMEOUT_INVALID · CONTRACT_BODY_INVALID · CONTRACT_SCHEMA_ONE_WAY,
 *    each naming the operation. */
export function contract<
  const Name extends string,
  Failures extends Record<string, Failure> = Record<never, never>,
  Operations extends Record<string, Operation> = Record<never, never>,
  Events extends Record<string, Event> = Record<never, never>,
>(
  name: Name,
  options: ContractOptions<Failures, Operations, Events>,
): Contract<Name, Failures, Operations, Events> {
  assertName(name, 'contract')
  const failures: Record<string, Failure> = options.failures ?? {}
  for (const [key, { details }] of Object.entries(failures)) {
    assertName(key, `${name}: failure`)
    assertTwoWay(details, `${name}.${key}: the details`)
  }
  for (const [key, operation] of Object.entries(options.operations)) {
    assertOperation(`${name}.${key}`, key, operation, Object.keys(failures))
  }
  const events = Object.entries(options.events ?? {}).map(([key, declared]) => {
    assertName(key, `${name}: event`)
    assertTwoWay(declared.payload, `${name}.${key}: the payload`)
    return [key, { ...declared, name: `${name}.${key}` }]
  })
  const bound = Object.entries(failures).map(([key, declared]) => [
    key,
    bindFailure(name, key, declared),
  ])
  return {
    name,
    failures: Object.fromEntries(bound),
    operations: options.operations,
    events: Object.fromEntries(events),
  } as Contract<Name, Failures, Operations, Events>
}

/** The timeout of an operation in milliseconds, its default applied. */
export function timeoutMsOf(operation: Operation, place: string): number {
  const value = operation.timeout ?? (operation.kind === 'query' ? 5_000 : 10_000)
  let timeoutMs = Number.NaN
  try {
    timeoutMs = parseDurationMs(value)
  } catch {}
  if (!(timeoutMs >= 1 && timeoutMs <= 600_000)) {
    throw contractTimeoutInvalid({ place, value: String(value) })
  }
  return timeoutMs
}

function assertOperation(
  place: string,
  name: string,
  operation: Operation,
  failures: readonly string[],
): void {
  assertName(name, place)
  if (operation.http !== undefined) parseRoute(operation.http, place)
  timeoutMsOf(operation, place)
  assertBodyBound(operation, place)
  assertTwoWay(operation.input, `${place}: the input`)
  assertTwoWay(operation.output, `${place}: the output`)
  const access: unknown = operation.access
  if (access === undefined || access === '' || (Array.isArray(access) && access.length === 0)) {
    throw contractAccessMissing({ place })
  }
  for (const failure of operation.failures ?? []) {
    if (!failures.includes(failure)) {
      const known = failures.join(', ') || 'none'
      throw contractFailureUnknown({ place, failure, known })
    }
  }
}

function assertBodyBound({ bodyBytesMax: value = 1_024 }: Operation, place: string): void {
  const isBound = Number.isInteger(value) && value >= 1_024 && value <= 4 * 1024 * 1024
  if (!isBound) throw contractBodyInvalid({ place, value })
}

/** What crosses a module's border must be readable again on the other side. */
function assertTwoWay(schema: z.ZodType, place: string): void {
  if (compileSchema(schema).isOneWay) throw contractSchemaOneWay({ place })
}

function assertName(name: string, place: string): void {
  if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(name)) throw contractNameInvalid({ place, name })
}
