import type { Application } from '../module/index.ts'
import { columns, counted } from './columns.ts'
import { connectionsOf, connectionParts } from './connections.ts'
import { durationText } from './duration-text.ts'
import type { Plan, PlannedService } from './plan.ts'
import type { Leaf } from './plan-diff.ts'
import { linksOf } from './reach.ts'

/** A plan for people: a table of its services, then what holds for all of them. */
export function describePlan(plan: Plan, application: Application): string {
  const head = ['service', 'instances', 'runs', 'in flight', 'connections', 'modules']
  const rows = plan.services.map((service) => serviceRow(service, application))
  const facts = [
    ['public', publicText(plan)],
    ['calls', callsText(plan, application)],
    ['database', databaseText(plan, application)],
    ['messages', messagesText(plan)],
    ['stopping', stoppingText(plan)],
    ['timeouts', timeoutsText(plan)],
    [
      'loss of one instance',
      plan.availability === true ? 'survived' : 'not claimed to be survived',
    ],
  ]
  const title = `${plan.topology}: the topology of ${plan.application}`
  return [title, '', ...columns([head, ...rows]), '', ...columns(facts)].join('\n')
}

/** The layer that set each value, for people. */
export function describeOrigins(plan: Plan): string {
  const rows = Object.entries(plan.origins).map(([path, origin]) => [
    path,
    textAt(plan, path),
    origin,
  ])
  return columns([['path', 'value', 'set by'], ...rows]).join('\n')
}

function serviceRow(service: PlannedService, application: Application): readonly string[] {
  const { name, instances, runs, inFlightMax, modules, pool } = service
  const { tables, messages } = connectionParts(service, application)
  const product = `${tables} × (${pool.readers} + ${pool.transactions})`
  const each = messages === 0 ? product : `(${product} + ${messages})`
  const connections = tables === 0 ? '-' : `${instances} × ${each}`
  const count = String(instances)
  const list = modules.join(', ') || '-'
  return [name, count, runs.join(', ') || '-', String(inFlightMax), connections, list]
}

function publicText({ gateway, listen }: Plan): string {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  const address = `http://${host}:${listen.port === 0 ? '(a free port)' : listen.port}`
  if (gateway === undefined) return `${address}, no gateway`
  const { engine, checkEveryMs, connectionsMax, retries } = gateway
  const repeated = retries ? 'repeats what may be repeated' : 'repeats nothing'
  return `${address}, ${engine}: checks every ${durationText(checkEveryMs)}, ${repeated}, ${connectionsMax} clients at once`
}

function callsText(plan: Plan, application: Application): string {
  const { carrier, transport, mtls, connections } = plan.calls
  const links = linksOf(plan, application)
  if (links === 0) return 'all within one process'
  const guard = mtls ? ' with mutual TLS' : ''
  const each = counted(connections, 'connection')
  return `${carrier} over ${transport}${guard}, ${each} per pair of instances, at most ${links}`
}

function databaseText(plan: Plan, application: Application): string {
  const { database } = plan
  if (database === undefined) return 'none: no module has tables'
  const { server, connectionsMax, connectionsReserved } = database
  const needed = connectionsOf(plan, application)
  const where = server === 'embedded' ? 'embedded PostgreSQL' : 'PostgreSQL of DATABASE_URL'
  return `${where}, at most ${needed} of ${connectionsMax} connections with ${connectionsReserved} reserved; twice that while all is replaced`
}

function messagesText({ messages }: Plan): string {
  if (messages === undefined) return 'carried by PostgreSQL'
  return `${messages.jobs ? 'events and jobs' : 'events'} carried by ${messages.engine}`
}

function stoppingText({ drain: { noticeMs, deadlineMs } }: Plan): string {
  return `keeps serving ${durationText(noticeMs)}, cuts off after ${durationText(deadlineMs)}`
}

function timeoutsText({ gateway, timeouts }: Plan): string {
  const { clientMs, gatewayMs, operationMs } = timeouts
  const between = gateway === undefined ? '' : ` > gateway ${durationText(gatewayMs)}`
  return `client ${durationText(clientMs)}${between} > longest operation ${durationText(operationMs)}`
}

/** The value at a path of `origins`, as text. */
function textAt(plan: Plan, path: string): string {
  const [, name, rest] = /^services\.([^.]+)\.(.+)$/.exec(path) ?? []
  const service = plan.services.find((candidate) => candidate.name === name)
  let value: unknown = name === undefined ? plan : service
  for (const key of (rest ?? path).split('.')) value = new Map(Object.entries(value ?? {})).get(key)
  if (Array.isArray(value)) return value.join(', ') || '-'
  return value === undefined ? 'none' : String(value as Leaf)
}
