import type { Plan } from '../topology/index.ts'

/** A process that development and `banyan up` run beside the application, such as a simulator of a
 *  foreign service. It must end when its standard input closes. */
export interface CompanionCommand {
  readonly name: string
  /** The command line; `node` means the Node that runs Banyan. */
  readonly command: readonly string[]
  /** Answers 2xx once the companion is ready. */
  readonly ready?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What is to run on this machine: the plan, and what the supervisor must know of the application
 *  without loading it. Plain data: it travels, and is kept in the run folder. */
export interface PlannedSystem {
  readonly plan: Plan
  /** Service → the services that its modules call. What stops first is what nobody calls. */
  readonly calls: Readonly<Record<string, readonly string[]>>
  /** The modules that have tables, and so connections. */
  readonly tables: readonly string[]
  readonly companions: readonly CompanionCommand[]
  /** Which server holds the data, without its secret; empty without one. */
  readonly database: string
}
