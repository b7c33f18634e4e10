import {
  describeDiff,
  describeOrigins,
  describePlan,
  diffPlans,
  type Plan,
  type Problem,
  warningsOf,
} from '../../topology/index.ts'
import type { Project } from '../load-application.ts'
import { type LoadedPlan, loadPlan, readPlan } from '../plan/load-plan.ts'
import { print } from '../terminal.ts'

export interface PlanFlags {
  /** The topology, or the plan as JSON, to compare with. */
  readonly from?: string
  readonly set?: readonly string[]
  readonly origins?: boolean
  readonly json?: boolean
}

/** `banyan plan`: what a topology means, or what a change of topology does. */
export async function plan(
  flags: PlanFlags,
  topologyFile: string,
  folder: string | undefined,
): Promise<void> {
  const environment = process.env
  const loaded = await loadPlan({ topologyFile, folder, environment, flags: flags.set ?? [] })
  const warnings = warningsOf(loaded.plan, loaded.project.application)
  const { from: fromFile, json: isJson = false } = flags
  if (fromFile === undefined) return printPlan(loaded, warnings, flags)
  const from = await loadOther(fromFile, loaded.project)
  const difference = diffPlans(from, loaded.plan, loaded.project.application)
  if (isJson) print(JSON.stringify({ schema: 'banyan.difference/1', difference, warnings }))
  else print([describeDiff(difference), ...warnings.map(warningText)].join('\n\n'))
}

function printPlan(
  { plan: planned, project }: LoadedPlan,
  warnings: readonly Problem[],
  { json: isJson = false, origins = false }: PlanFlags,
): void {
  if (isJson) return print(JSON.stringify({ schema: 'banyan.plan/1', plan: planned, warnings }))
  const blocks = [
    describePlan(planned, project.application),
    ...(origins ? [describeOrigins(planned)] : []),
    ...warnings.map(warningText),
  ]
  print(blocks.join('\n\n'))
}

/** What is compared with: the same application in another topology, or a plan that was written. */
async function loadOther(file: string, { folder }: Project): Promise<Plan> {
  if (file.endsWith('.json')) return readPlan(file)
  const source = { topologyFile: file, folder, environment: process.env, flags: [] }
  return (await loadPlan(source)).plan
}

function warningText({ code, message, fix }: Problem): string {
  return `warning  ${code}  ${message}\n  fix   ${fix}`
}
