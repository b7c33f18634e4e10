import { type Contract, timeoutMsOf } from '../contract.ts'
import type { NamedEvent } from '../event.ts'
import type { FailureKind } from '../failure.ts'
import { type JsonSchema, sortKeys } from '../json-schema-tree.ts'
import { describeWire } from '../wire-schema.ts'
import type { Operation, OperationKind } from '../operation.ts'
import { parseRoute } from '../route.ts'
import { tryDescribeKey } from './event-key.ts'

/** Contracts as plain JSON with keys in order: equal contracts give equal text. Made to be written
 *  to a file, kept in a repository and compared with the contracts of another day. */
export interface ContractManifest {
  /** Version of this form. */
  readonly manifest: 1
  readonly modules: Readonly<Record<string, ModuleManifest>>
}

export interface ModuleManifest {
  readonly operations: Readonly<Record<string, OperationManifest>>
  readonly failures: Readonly<Record<string, FailureManifest>>
  readonly events: Readonly<Record<string, EventManifest>>
}

export interface OperationManifest {
  readonly kind: OperationKind
  /** JSON Schemas of the wire form. */
  readonly input: JsonSchema
  readonly output: JsonSchema
  /** Absent where the operation has no route. */
  readonly http?: { readonly method: string; readonly path: string; readonly status: number }
  /** A rule such as `public`, or the roles in order. */
  readonly access: 'public' | 'internal' | 'signed-in' | readonly string[]
  /** Names of the contract's failures, in order. */
  readonly failures: readonly string[]
  readonly timeoutMs: number
  /** Absent for queries, which need no key. */
  readonly idempotency?: 'optional' | 'required'
}

export interface FailureManifest {
  readonly code: string
  readonly kind: FailureKind
  readonly details: JsonSchema
}

export interface EventManifest {
  readonly version: number
  readonly payload: JsonSchema
  /** `{orderId}`; absent where the key is computed in a way that cannot be read off. */
  readonly key?: string
}

/** Describes contracts for comparison.
 *  Limits: rules that a schema checks in code (`refine`, `transform`) are not described. */
export function contractManifest(contracts: readonly Contract[]): ContractManifest {
  const modules = contracts.map((contract) => [contract.name, describeModule(contract)])
  return sortKeys({ manifest: 1, modules: Object.fromEntries(modules) }) as ContractManifest
}

function describeModule(contract: Contract): ModuleManifest {
  const { name } = contract
  return {
    operations: mapRecord(contract.operations, (operation, key) =>
      describeOperation(operation, `${name}.${key}`),
    ),
    failures: mapRecord(contract.failures, ({ code, declared }) => ({
      code,
      kind: declared.kind,
      details: describeWire(declared.details, 'output'),
    })),
    events: mapRecord(contract.events, describeEvent),
  }
}

function describeOperation(operation: Operation, place: string): OperationManifest {
  const { kind, http, access, failures = [], status = 200, idempotency = 'optional' } = operation
  return {
    kind,
    input: describeWire(operation.input, 'input'),
    output: describeWire(operation.output, 'output'),
    ...(http === undefined ? {} : { http: { ...routeOf(http, place), status } }),
    access: accessOf(access),
    failures: [...failures].sort(),
    timeoutMs: timeoutMsOf(operation, place),
    ...(kind === 'command' ? { idempotency } : {}),
  }
}

function describeEvent(event: NamedEvent<Contract['events'][string]>): EventManifest {
  const key = tryDescribeKey((payload) => event.key(payload))
  return {
    version: event.version,
    payload: describeWire(event.payload, 'output'),
    ...(key === undefined ? {} : { key }),
  }
}

function routeOf(http: string, place: string): { method: string; path: string } {
  const { method, path } = parseRoute(http, place)
  return { method, path }
}

function accessOf(access: Operation['access']): OperationManifest['access'] {
  const rules = ['public', 'internal', 'signed-in'] as const
  const rule = rules.find((one) => one === access)
  return rule ?? [...new Set(typeof access === 'string' ? [access] : access)].sort()
}

function mapRecord<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}
