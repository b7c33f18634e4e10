/**
 * Topology: where the modules of an application run, as configuration. `topology()` declares,
 * `planOf` resolves a declaration, the environment and flags into a `Plan` and refuses what cannot
 * work, all at once; `diffPlans` says what a change will do. Pure: it reads no file and no variable,
 * and equal inputs give equal plans. Not for starting anything (room cluster), nor for rendering
 * deployments (room deliver).
 * Limits: 256 instances, all on one machine; one database.
 */
export { type TopologyDeclaration, topology } from './declaration.ts'
export { describeDiff } from './describe-diff.ts'
export { describeOrigins, describePlan } from './describe-plan.ts'
export { diffPlans, isSamePlan } from './diff-plans.ts'
export * from './errors.ts'
export { fieldList } from './fields.ts'
export { type MessageEngine, messageEngineOf } from './message-engine.ts'
export { nearestOf } from './nearest.ts'
export { presentIn } from './tables.ts'
export type {
  Plan,
  PlannedCalls,
  PlannedDatabase,
  PlannedDrain,
  PlannedGateway,
  PlannedService,
  ServiceRole,
} from './plan.ts'
export type { PlanDiff, ServiceDiff } from './plan-diff.ts'
export { planOf, type PlanOptions } from './plan-of.ts'
export { parsePlan, planSchema } from './plan-schema.ts'
export type { Problem } from './problem.ts'
export { warningsOf } from './warnings.ts'
