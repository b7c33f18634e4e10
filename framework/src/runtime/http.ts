import type { CompiledCalls } from '../call/index.ts'
import { openApiDocument } from '../contract/index.ts'
import type { Database } from '../data/index.ts'
import {
  createHttpHandler,
  type HttpHandler,
  type HttpServer,
  type ReadinessCheck,
  startHttpServer,
} from '../http/index.ts'
import type { InstanceOptions } from './instance-options.ts'

const readinessTimeoutMs = 2_000

/** What must work before requests are welcome: its own database. Not its peers, or one dead service
 *  would make the others unready as well. */
export function readinessChecks(database: Database | undefined): readonly ReadinessCheck[] {
  if (database === undefined) return []
  return [{ name: 'database', timeoutMs: readinessTimeoutMs, check: () => database.ping() }]
}

/** The public HTTP of an instance as a plain Node handler, with the platform's own endpoints.
 *  @throws HTTP_CORS_ORIGIN_INVALID */
export function createPublicHandler(
  calls: CompiledCalls,
  checks: readonly ReadinessCheck[],
  options: InstanceOptions,
): HttpHandler {
  const { application, world, telemetry, tokens, api = {} } = options
  const { corsOrigins = [], version = '0.0.0' } = api
  const contracts = application.modules.map(({ contract }) => contract)
  return createHttpHandler({
    operations: [...calls.operations.values()],
    world,
    telemetry,
    deadlines: calls.deadlines,
    authenticate: (token) => tokens.verify(token),
    ...(corsOrigins.length === 0 ? {} : { cors: { origins: corsOrigins } }),
    platform: {
      checks,
      openApi: () => openApiDocument({ name: application.name, version, contracts }),
    },
  })
}

/** Opens the public listener of an instance, if it has one.
 *  @throws HTTP_LISTEN_FAILED */
export async function openListener(
  handler: HttpHandler,
  { listen, world, telemetry }: InstanceOptions,
): Promise<HttpServer | undefined> {
  if (listen === undefined) return undefined
  return startHttpServer({ handler, clock: world.clock, telemetry, ...listen })
}
