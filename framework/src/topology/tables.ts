import type { Application, Module } from '../module/index.ts'
import type { PlannedService } from './plan.ts'

/** Connections per instance and module with messages, besides the pool: for what is leased, ended and
 *  carried. */
export const messageConnections = 2

/** Whether a module keeps rows. */
export function hasTables({ modules }: Application, name: string): boolean {
  return modules.some(({ contract, tables }) => contract.name === name && tables !== undefined)
}

/** The modules whose handlers, of whatever kind, run in instances of a service. */
export function presentIn({ modules, worksFor = [] }: PlannedService): readonly string[] {
  return [...modules, ...worksFor]
}

/** Whether a module has something to say, or to do later. */
export function hasMessages({ contract, tables, jobs, subscriptions }: Module): boolean {
  const count = Object.keys(contract.events).length + jobs.length + subscriptions.length
  return tables !== undefined && count > 0
}
