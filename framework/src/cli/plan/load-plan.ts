import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Plan, parsePlan, planOf, type TopologyDeclaration } from '../../topology/index.ts'
import {
  cliApplicationBroken,
  cliApplicationMissing,
  cliTopologyBroken,
  cliTopologyMissing,
} from '../errors.ts'
import { findEntry, importFile, loadProject, type Project } from '../load-application.ts'

/** Where a plan comes from. */
export interface PlanSource {
  /** A file whose default export is a topology; relative to the current folder. */
  readonly topologyFile: string
  /** Folder of the application; undefined: the nearest around the file that holds a banyan.ts. */
  readonly folder: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `services.sales.instances=3` */
  readonly flags: readonly string[]
}

/** An application and how it is to run. */
export interface LoadedPlan {
  readonly project: Project
  readonly plan: Plan
}

/** Loads an application and a topology file, and plans.
 *  @throws CLI_APPLICATION_MISSING · CLI_APPLICATION_BROKEN · CLI_TOPOLOGY_MISSING ·
 *    CLI_TOPOLOGY_BROKEN · TOPOLOGY_INVALID with all that is wrong */
export async function loadPlan(source: PlanSource): Promise<LoadedPlan> {
  const { topologyFile, environment, flags } = source
  const file = path.resolve(topologyFile)
  await readTopology(file)
  const project = await loadProject(source.folder ?? (await findFolder(file)))
  const { application } = project
  const name = path.basename(file, path.extname(file))
  const topology = await importTopology(file)
  return { project, plan: planOf({ application, name, topology, environment, flags }) }
}

/** A plan that was written as JSON, such as the one of a running system.
 *  @throws CLI_TOPOLOGY_MISSING · TOPOLOGY_PLAN_MALFORMED */
export async function readPlan(file: string): Promise<Plan> {
  return parsePlan(await readTopology(path.resolve(file)))
}

async function readTopology(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw cliTopologyMissing({ file }, { cause: error })
  }
}

async function importTopology(file: string): Promise<TopologyDeclaration> {
  const module = await importOf(file)
  if (!('default' in module)) throw cliTopologyBroken({ file, cause: 'it has no default export' })
  // Whatever it is: the plan refuses what is no topology.
  return module.default as TopologyDeclaration
}

async function importOf(file: string): Promise<object> {
  try {
    return (await importFile(file)) as object
  } catch (error) {
    if (!cliApplicationBroken.is(error)) throw error
    const { file: place, cause } = error.details
    throw cliTopologyBroken({ file: place, cause }, { cause: error.cause })
  }
}

/** The nearest folder around a file that holds a banyan.ts. */
async function findFolder(file: string): Promise<string> {
  let folder = path.dirname(file)
  for (;;) {
    try {
      await findEntry(folder)
      return folder
    } catch (error) {
      const above = path.dirname(folder)
      if (!cliApplicationMissing.is(error)) throw error
      if (above === folder) throw cliApplicationMissing({ folder: path.dirname(file) })
      folder = above
    }
  }
}
