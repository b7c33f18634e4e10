/**
 * Cluster: all processes of a plan on one machine. A supervisor starts the database's keeper,
 * companions, instances and the gateway, watches them, starts them again after a pause, tells instances
 * where their peers are and the gateway where requests may go, shows one log of all, and moves the
 * running system to another plan without a failed request.
 *
 * Promises: the processes outlive a supervisor that is killed, and the next one takes them over without
 * restarting any; without one they end by themselves after a grace, so nothing is ever orphaned; a
 * change is decided by one write, before which everything is taken back and after which everything is
 * completed, whoever dies. Every wait has a deadline.
 * Not for: several machines (rendered deployments), one process (`banyan dev`, `banyan start`), and not
 * on Windows, which has neither the sockets nor the signals.
 * Limits: 256 instances; 10 MiB per log and two older ones; a line of the control protocol 4 MiB.
 */
export { askSupervisor } from './control-client.ts'
export * from './errors.ts'
export type { Serving, SupervisorEvent } from './event.ts'
export { type EndReason, Lifeline } from './lifeline.ts'
export type { Request, ToChild } from './message.ts'
export { type InstanceTask, type Orders, takeOrders, type Task } from './orders.ts'
export { endAbandoned } from './others.ts'
export { readPlannedSystem } from './plan-store.ts'
export type { PlannedSystem } from './planned-system.ts'
export { type ProcessRow, type ProcessTable, tryReadSurvivors } from './process-row.ts'
export { assertSafe } from './roll-out-plan.ts'
export { type RunFolder, runFolderAt } from './run-folder.ts'
export { Supervisor } from './supervisor.ts'
export type { Applied, Described } from './system-change.ts'
