/**
 * Topology: where the modules of an application run, as configuration. `topology()` declares,
 * `planOf` resolves a declaration, the environment and flags into a `Plan` and refuses what cannot
 * work, all at once; `diffPlans` says what a change will do. Pure: it reads no file and no variable,
 * and equal inputs give equal plans. Not for starting anything (room cluster), nor for rendering
 * deployments (room deliver).
 * Limits: 256 instances, all on one machine; one database.
 */
export { nearestOf } from './nearest.ts'
export type {
  Origin,
  Plan,
  PlannedCalls,
  PlannedDatabase,
  PlannedDrain,
  PlannedGateway,
  PlannedService,
  PlannedTimeouts,
  ServiceRole,
} from './plan.ts'
