import { columns, counted } from './columns.ts'
import { isSamePlan } from './diff-plans.ts'
import type {
  ConnectionsDiff,
  Leaf,
  ModuleMove,
  PlanDiff,
  Reach,
  RequestDiff,
  ServiceDiff,
  SettingDiff,
  UseDiff,
} from './plan-diff.ts'

/** A difference of plans for people: what comes, goes, moves and becomes remote, and what it costs. It
 *  promises no number that only handlers know: how often they call is their affair. */
export function describeDiff(diff: PlanDiff): string {
  const { topologies, sourceFiles } = diff
  const sections = isSamePlan(diff)
    ? ['', 'nothing changes']
    : [
        ...section('services', diff.services.map(serviceRow)),
        ...section('modules', diff.modules.map(moduleRow)),
        ...section('calls of modules', diff.uses.map(useRow)),
        ...section('requests', diff.requests.flatMap(requestRows)),
        ...section('settings', diff.settings.map(settingRow)),
        ...section('connections, at most', connectionRows(diff)),
      ]
  const head = `${topologies.from} → ${topologies.to}`
  const effort = `source changes needed: ${counted(sourceFiles, 'file')}`
  return [head, ...sections, '', effort].join('\n')
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', title, ...columns(rows)]
}

function serviceRow({ service, change, instances, causes }: ServiceDiff): readonly string[] {
  const { from, to } = instances
  if (change === 'added') return [service, `comes with ${counted(to, 'instance')}`]
  if (change === 'removed') return [service, `goes with ${counted(from, 'instance')}`]
  const count = from === to ? counted(to, 'instance') : `${from} → ${counted(to, 'instance')}`
  if (change === 'scaled') return [service, `${count}; those that stay are not restarted`]
  return [service, `${count}, all replaced because of ${causes.join(', ')}`]
}

function moduleRow({ module, from, to }: ModuleMove): readonly string[] {
  return [module, `${from.join(', ') || 'nowhere'} → ${to.join(', ') || 'nowhere'}`]
}

const reachTexts: Readonly<Record<Reach, string>> = {
  local: 'in one process',
  remote: 'between processes',
  mixed: 'in one process or between, depending on the service that calls',
}

function useRow({ user, used, from, to }: UseDiff): readonly string[] {
  return [`${user} → ${used}`, `now ${reachTexts[to]}, before ${reachTexts[from]}`]
}

const entryTexts: Readonly<Record<Reach, string>> = {
  local: 'reached within one process',
  remote: 'at least 1 call between processes for each accepted request',
  mixed: '0 or 1 call between processes to reach it',
}

function requestRows({ module, operations, entry, crossings }: RequestDiff) {
  const { from, to } = entry
  const before = from === to ? 'as before' : `before: ${entryTexts[from]}`
  const head = [module, `${counted(operations, 'operation')}: ${entryTexts[to]} (${before})`]
  const lost = crossings.from.filter((use) => !crossings.to.includes(use))
  return [
    head,
    ...(crossings.to.length === 0
      ? []
      : [['', `and 1 for each call that a handler makes along ${crossings.to.join(', ')}`]]),
    ...(lost.length === 0 ? [] : [['', `none any more along ${lost.join(', ')}`]]),
  ]
}

function settingRow({ path, from, to }: SettingDiff): readonly string[] {
  return [path, `${settingText(from)} → ${settingText(to)}`]
}

function settingText(value: Leaf | undefined): string {
  return value === undefined ? 'none' : String(value)
}

function connectionRows({ connections, links }: PlanDiff): readonly (readonly string[])[] {
  return [
    ...(connections.limit === 0 ? [] : [['database', databaseText(connections)]]),
    ['between instances', `${links.from} → ${links.to}`],
  ]
}

function databaseText({ from, to, sideBySide, limit, reserved }: ConnectionsDiff): string {
  const room = `${sideBySide} while old and new stand side by side`
  const fits = sideBySide + reserved <= limit ? 'fits into' : 'TOO MANY for'
  return `${from} → ${to}; ${room}, ${fits} ${limit} with ${reserved} reserved`
}
