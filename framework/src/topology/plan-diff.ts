/** Before and after. */
export interface Change<Value> {
  readonly from: Value
  readonly to: Value
}

/** What changing a running system from one plan to another does. */
export interface PlanDiff {
  /** Names of the two topologies. */
  readonly topologies: Change<string>
  /** Services that differ; the others keep their instances. */
  readonly services: readonly ServiceDiff[]
  /** Modules that run in other services than before. */
  readonly modules: readonly ModuleMove[]
  /** Uses that reach their module in another way than before. */
  readonly uses: readonly UseDiff[]
  /** Public operations whose requests cross other borders between processes than before. */
  readonly requests: readonly RequestDiff[]
  /** Values outside services that differ. */
  readonly settings: readonly SettingDiff[]
  readonly connections: ConnectionsDiff
  /** Connections between instances, at most. */
  readonly links: Change<number>
  /** Files of the application that must be edited. The type is the promise: there are none. */
  readonly sourceFiles: 0
}

/** A service that differs. `added`: it was not there. `removed`: it goes. `scaled`: instances come or
 *  go, the others run on. `replaced`: new instances take the place of all old ones. */
export interface ServiceDiff {
  readonly service: string
  readonly change: 'added' | 'removed' | 'scaled' | 'replaced'
  /** 0 where the service is not there. */
  readonly instances: Change<number>
  /** Why its instances are replaced: paths of values that differ. */
  readonly causes: readonly string[]
}

export interface ModuleMove extends Change<readonly string[]> {
  readonly module: string
}

/** How a caller reaches a module: `local` in its own process, `remote` in another one, `mixed` if that
 *  depends on which of several services calls. */
export type Reach = 'local' | 'remote' | 'mixed'

/** A use, `checkout → inventory`. */
export interface UseDiff extends Change<Reach> {
  readonly user: string
  readonly used: string
}

/** What requests to a module's public operations cross. */
export interface RequestDiff {
  readonly module: string
  /** How many operations have a route. */
  readonly operations: number
  /** How the instance that got a request reaches the module: a remote one is 1 call for every request. */
  readonly entry: Change<Reach>
  /** Uses below the module that cross processes, `orders → payments`. Each call that a handler makes
   *  along one of them is a remote call; how many that are, only the handlers know. */
  readonly crossings: Change<readonly string[]>
}

/** A single value of a plan. */
export type Leaf = string | number | boolean

/** A value outside of services; undefined where it is not there. */
export interface SettingDiff extends Change<Leaf | undefined> {
  /** In the plan: `calls.transport`. */
  readonly path: string
}

/** Connections to the database, at most. */
export interface ConnectionsDiff extends Change<number> {
  /** While old and new instances stand side by side. */
  readonly sideBySide: number
  /** What the server allows after the change, and keeps for people and tools; 0 without a database. */
  readonly limit: number
  readonly reserved: number
}
