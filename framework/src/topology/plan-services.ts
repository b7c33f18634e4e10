import type { Application } from '../module/index.ts'
import {
  topologyModuleUnknown,
  topologyNameRepeated,
  topologyRoleUnknown,
  topologyServiceNameInvalid,
} from './errors.ts'
import { fields } from './fields.ts'
import { nearestOf } from './nearest.ts'
import type { PlannedService, ServiceRole } from './plan.ts'
import type { ProblemList } from './problem-list.ts'
import { serviceNameMax } from './ranges.ts'
import { showValue } from './show-value.ts'
import { hasMessages, hasTables } from './tables.ts'
import type { Values } from './values.ts'

/** In the order in which plans name them. */
const roles: readonly ServiceRole[] = ['http', 'schedules', 'messages']

/** The services of a topology, in the order of their declaration. */
export function planServices(values: Values, application: Application): readonly PlannedService[] {
  return values.services.map((name) => {
    checkName(name, values.problems)
    return planService(name, values, application)
  })
}

function planService(name: string, values: Values, application: Application): PlannedService {
  const isOnly = values.services.length === 1
  const given = values.read(fields.modules, isOnly ? '*' : [], name)
  const modules =
    given === '*' ? namesOf(application) : knownModules(given, name, values, application)
  const standard: readonly ServiceRole[] = modules.length === 0 ? [] : ['schedules', 'messages']
  const runs = knownRoles(
    values.read(fields.runs, isOnly ? roles : standard, name),
    name,
    values.problems,
  )
  const worksFor = worksForOf(modules, runs, application)
  return {
    name,
    modules,
    runs,
    ...(worksFor.length === 0 ? {} : { worksFor }),
    instances: values.read(fields.instances, 1, name),
    inFlightMax: values.read(fields.inFlightMax, 4_096, name),
    pool: planPool(name, values, { modules: [...modules, ...worksFor], application }),
  }
}

/** A service without modules that runs messages does so for all modules that have any. */
function worksForOf(
  modules: readonly string[],
  runs: readonly ServiceRole[],
  application: Application,
): readonly string[] {
  if (modules.length > 0 || !runs.includes('messages')) return []
  return application.modules.filter(hasMessages).map(({ contract }) => contract.name)
}

/** What a service without tables says of connections would have no effect. */
function planPool(
  name: string,
  values: Values,
  { modules, application }: { modules: readonly string[]; application: Application },
): PlannedService['pool'] {
  if (!modules.some((module) => hasTables(application, module))) {
    const cause = `none of the modules of "${name}" has tables`
    values.skip([fields.readers, fields.transactions], { cause, by: fields.modules }, name)
  }
  return {
    readers: values.read(fields.readers, 2, name),
    transactions: values.read(fields.transactions, 8, name),
  }
}

function namesOf({ modules }: Application): readonly string[] {
  return modules.map(({ contract }) => contract.name)
}

/** Names that a supervisor gives to its other processes, or means by a command. */
const reserved: readonly string[] = ['all', 'gateway', 'haproxy', 'postgres', 'supervisor']

function checkName(service: string, problems: ProblemList): void {
  const cause = tryFindFlaw(service)
  if (cause === undefined) return
  const path = `services.${service}`
  problems.add(topologyServiceNameInvalid({ path, service: showValue(service), cause }))
}

function tryFindFlaw(service: string): string | undefined {
  if (service.length > serviceNameMax) {
    return `has ${service.length} characters; ids and socket paths leave room for ${serviceNameMax}`
  }
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(service)) return 'is not kebab-case'
  return reserved.includes(service) ? 'is taken by a part of Banyan' : undefined
}

/** What of a list of modules the application has, each once. */
function knownModules(
  given: readonly string[],
  service: string,
  { problems }: Values,
  application: Application,
): readonly string[] {
  const existing = namesOf(application)
  const path = `services.${service}.modules`
  given.forEach((module, index) => {
    if (existing.includes(module)) return
    const nearest = nearestOf(module, existing)
    const known = existing.join(', ')
    problems.add(topologyModuleUnknown({ path: `${path}[${index}]`, module, nearest, known }))
  })
  checkOnce(given, path, problems)
  return [...new Set(given)].filter((module) => existing.includes(module))
}

function knownRoles(
  given: readonly string[],
  service: string,
  problems: ProblemList,
): readonly ServiceRole[] {
  const path = `services.${service}.runs`
  given.forEach((role, index) => {
    if (roles.some((known) => known === role)) return
    const nearest = nearestOf(role, roles)
    problems.add(topologyRoleUnknown({ path: `${path}[${index}]`, role, nearest }))
  })
  checkOnce(given, path, problems)
  return roles.filter((role) => given.includes(role))
}

function checkOnce(names: readonly string[], path: string, problems: ProblemList): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return
    problems.add(topologyNameRepeated({ path: `${path}[${index}]`, name }))
  })
}
