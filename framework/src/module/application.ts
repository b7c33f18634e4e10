import { type Contract, parseRoute } from '../contract/index.ts'
import {
  moduleEventUnknown,
  moduleNameDuplicate,
  moduleRoleUnknown,
  moduleRouteDuplicate,
  moduleUseMissing,
} from './errors.ts'
import { assertAcyclic } from './graph.ts'
import type { Module } from './module.ts'

export interface ApplicationOptions {
  readonly modules: readonly Module[]
  /** Every role that an access rule may name. */
  readonly roles?: readonly string[]
}

/** A list of modules that fit together: names are unique, uses are present and acyclic, routes are
 *  unique, access rules name declared roles. */
export interface Application {
  readonly name: string
  readonly modules: readonly Module[]
  readonly roles: readonly string[]
}

/** Declares an application. Pure; nothing runs.
 *  @throws MODULE_NAME_DUPLICATE · MODULE_USE_MISSING · MODULE_USE_CYCLE · MODULE_ROLE_UNKNOWN ·
 *    MODULE_ROUTE_DUPLICATE · MODULE_EVENT_UNKNOWN, each naming the place. */
export function application(name: string, options: ApplicationOptions): Application {
  const { modules, roles = [] } = options
  assertNames(modules)
  assertUses(modules)
  assertEvents(modules)
  assertAcyclic(modules)
  assertRoutes(modules)
  for (const { contract } of modules) assertRoles(contract, roles)
  return { name, modules, roles }
}

function assertNames(modules: readonly Module[]): void {
  const seen = new Set<string>()
  for (const { contract } of modules) {
    if (seen.has(contract.name)) throw moduleNameDuplicate({ module: contract.name })
    seen.add(contract.name)
  }
}

function assertUses(modules: readonly Module[]): void {
  const present = new Set(modules.map(({ contract }) => contract.name))
  for (const { contract, uses } of modules) {
    for (const used of uses) {
      if (!present.has(used.name)) {
        throw moduleUseMissing({ module: contract.name, used: used.name })
      }
    }
  }
}

function assertEvents(modules: readonly Module[]): void {
  const published = new Set(
    modules.flatMap(({ contract }) => Object.values(contract.events).map(({ name }) => name)),
  )
  for (const { contract, subscriptions } of modules) {
    for (const { event } of subscriptions) {
      if (!published.has(event.name)) {
        throw moduleEventUnknown({ module: contract.name, event: event.name })
      }
    }
  }
}

function assertRoutes(modules: readonly Module[]): void {
  const seen = new Map<string, string>()
  for (const { contract } of modules) {
    for (const [name, { http }] of Object.entries(contract.operations)) {
      if (http === undefined) continue
      const place = `${contract.name}.${name}`
      const { method, segments } = parseRoute(http, place)
      const shape = segments.map((part) => (part.type === 'literal' ? part.text : '{}')).join('/')
      const first = seen.get(`${method} /${shape}`)
      if (first !== undefined) throw moduleRouteDuplicate({ route: http, first, second: place })
      seen.set(`${method} /${shape}`, place)
    }
  }
}

const openRules: readonly string[] = ['public', 'internal', 'signed-in']

function assertRoles(contract: Contract, roles: readonly string[]): void {
  for (const [name, { access }] of Object.entries(contract.operations)) {
    if (typeof access === 'string' && openRules.includes(access)) continue
    for (const role of typeof access === 'string' ? [access] : access) {
      if (!roles.includes(role)) {
        const known = roles.join(', ') || 'none'
        throw moduleRoleUnknown({ operation: `${contract.name}.${name}`, role, known })
      }
    }
  }
}
