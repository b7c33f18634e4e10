import * as z from 'zod'
import { topologyPlanMalformed } from './errors.ts'
import type { Range } from './field.ts'
import type { Plan } from './plan.ts'
import { ranges, serviceNameMax } from './ranges.ts'

const count = ([min, max]: Range) => z.int().min(min).max(max)

const service = () =>
  z
    .strictObject({
      name: z
        .string()
        .max(serviceNameMax)
        .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/),
      modules: z
        .array(z.string().min(1).describe('Name of a module'))
        .describe('The modules whose operations its instances run'),
      runs: z
        .array(z.enum(['http', 'schedules', 'messages']))
        .describe(
          'http: serves the public HTTP. schedules, messages: runs, carries and works on those of its modules',
        ),
      worksFor: z
        .array(z.string().min(1).describe('Name of a module'))
        .min(1)
        .optional()
        .describe('Modules whose messages it works on without hosting them'),
      instances: count(ranges.instances),
      inFlightMax: count(ranges.inFlightMax).describe('Calls in flight per instance'),
      pool: z
        .strictObject({ readers: count(ranges.readers), transactions: count(ranges.transactions) })
        .describe('Database connections per instance and module with tables'),
    })
    .describe('A group of modules that is deployed and scaled as one unit')

const database = () =>
  z
    .strictObject({
      engine: z.literal('postgres'),
      server: z
        .enum(['embedded', 'environment'])
        .describe('embedded: in the project folder. environment: the one of DATABASE_URL'),
      connectionsMax: count(ranges.databaseConnections),
      connectionsReserved: count(ranges.connectionsReserved),
    })
    .describe('Absent when no module has tables')

const calls = () =>
  z
    .strictObject({
      carrier: z.enum(['frames', 'post']),
      transport: z.enum(['unix', 'tcp']),
      mtls: z.boolean(),
      connections: count(ranges.callConnections).describe('Connections per pair of instances'),
    })
    .describe('How instances call each other')

const gateway = () =>
  z
    .strictObject({
      engine: z.literal('haproxy'),
      retries: z.boolean(),
      checkEveryMs: count(ranges.checkEveryMs),
      connectionsMax: count(ranges.gatewayConnections),
    })
    .describe('Absent when instances are reached directly')

const messages = () =>
  z
    .strictObject({ engine: z.enum(['rabbitmq', 'nats', 'redis', 'kafka']), jobs: z.boolean() })
    .describe('Absent when PostgreSQL carries messages')

// Made when asked for: every process loads this room, few ask.
const schema = () =>
  z.strictObject({
    format: z.literal(1),
    application: z.string().min(1),
    topology: z.string().describe('Name of the topology'),
    services: z.array(service()).min(1),
    database: database().optional(),
    calls: calls(),
    gateway: gateway().optional(),
    messages: messages().optional(),
    listen: z.strictObject({ host: z.string().min(1), port: count(ranges.port) }),
    drain: z.strictObject({
      noticeMs: count(ranges.noticeMs),
      deadlineMs: count(ranges.deadlineMs),
    }),
    timeouts: z.strictObject({
      clientMs: count(ranges.clientMs),
      gatewayMs: count(ranges.gatewayMs),
      operationMs: z.int().min(0).max(600_000),
    }),
    availability: z.boolean().optional(),
    origins: z
      .record(z.string(), z.enum(['default', 'file', 'environment', 'flag']))
      .describe('The layer that set each value, by its path in the plan'),
  })

/** JSON schema (2020-12) of a plan as JSON; `docs/reference/plan-schema.json` is this. */
export function planSchema(): Readonly<Record<string, unknown>> {
  const { $schema: dialect, ...rest } = z.toJSONSchema(schema(), { target: 'draft-2020-12' })
  return {
    $schema: dialect,
    title: 'Banyan plan',
    description: 'A resolved topology: what runs where, complete, without secrets',
    ...rest,
  }
}

/** A plan from its JSON, parsed or not.
 *  @throws TOPOLOGY_PLAN_MALFORMED naming what is wrong */
export function parsePlan(json: unknown): Plan {
  const parsed = schema().safeParse(typeof json === 'string' ? tryParseJson(json) : json)
  if (!parsed.success) throw topologyPlanMalformed({ cause: issuesOf(parsed.error) })
  const { database, gateway, messages: carried, availability, ...rest } = parsed.data
  return {
    ...{ ...rest, database, gateway, messages: carried },
    availability: availability ?? false,
  }
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function issuesOf({ issues }: z.ZodError): string {
  const texts = issues.slice(0, 5).map(({ path, message }) => `${path.join('.')} ${message}`)
  return texts.map((text) => text.trim()).join('; ')
}
