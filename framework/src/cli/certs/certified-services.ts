import path from 'node:path'
import { listCertified } from '../../engines/authority/index.ts'
import { cliServicesMissing } from '../errors.ts'
import { loadProject, type Project } from '../load-application.ts'
import { loadPlan } from '../plan/load-plan.ts'
import { settingsOf } from '../project-settings.ts'

/** What a command line says of services. */
export interface NamedServices {
  /** Separated by commas. */
  readonly services?: string
  /** A topology file, whose services are meant. */
  readonly topology?: string
}

/** Whose certificates, and where. */
export interface CertifiedServices {
  readonly application: string
  /** Of the certificates. */
  readonly folder: string
  readonly services: readonly string[]
}

/** The services that need a certificate: those that are named or planned, else those that have one.
 *  @param target  folder of the application; the one around the topology, or the current one, unless given
 *  @throws CLI_SERVICES_MISSING when that is none · what loading the application or the topology throws */
export async function findServices(
  { services: named, topology }: NamedServices,
  target: string | undefined,
): Promise<CertifiedServices> {
  const { project, planned } = await load(topology, target)
  const folder = path.join(settingsOf(project.folder).folder, 'certs')
  const asked = [...planned, ...listOf(named)]
  const isAsked = named !== undefined || topology !== undefined
  const services = isAsked ? [...new Set(asked)] : await listCertified(folder)
  if (services.length === 0) throw cliServicesMissing({ folder })
  return { application: project.application.name, folder, services }
}

async function load(
  topologyFile: string | undefined,
  folder: string | undefined,
): Promise<{ readonly project: Project; readonly planned: readonly string[] }> {
  if (topologyFile === undefined) return { project: await loadProject(folder ?? '.'), planned: [] }
  const environment = process.env
  const { project, plan } = await loadPlan({ topologyFile, folder, environment, flags: [] })
  return { project, planned: plan.services.map(({ name }) => name) }
}

function listOf(text: string | undefined): readonly string[] {
  const names = text?.split(',').map((name) => name.trim())
  return names?.filter(Boolean) ?? []
}
