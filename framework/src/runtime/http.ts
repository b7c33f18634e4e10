import type { CompiledCalls } from '../call/index.ts'
import { openApiDocument } from '../contract/index.ts'
import type { Database } from '../data/index.ts'
import { createHttpHandler, type HttpServer, startHttpServer } from '../http/index.ts'
import type { InstanceOptions } from './instance-options.ts'

const readinessTimeoutMs = 2_000

/** Opens the public listener of an instance, if it has one.
 *  @throws HTTP_LISTEN_FAILED · HTTP_CORS_ORIGIN_INVALID */
export async function openHttp(
  calls: CompiledCalls,
  database: Database | undefined,
  options: InstanceOptions,
): Promise<HttpServer | undefined> {
  const { http, application, world, telemetry, tokens } = options
  if (http === undefined) return undefined
  const { corsOrigins = [], version = '0.0.0' } = http
  const contracts = application.modules.map(({ contract }) => contract)
  const isReady = async (): Promise<void> => database?.ping()
  const handler = createHttpHandler({
    operations: [...calls.operations.values()],
    world,
    telemetry,
    deadlines: calls.deadlines,
    authenticate: (token) => tokens.verify(token),
    ...(corsOrigins.length === 0 ? {} : { cors: { origins: corsOrigins } }),
    platform: {
      checks:
        database === undefined
          ? []
          : [{ name: 'database', timeoutMs: readinessTimeoutMs, check: isReady }],
      openApi: () => openApiDocument({ name: application.name, version, contracts }),
    },
  })
  const { host, port } = http
  return startHttpServer({ handler, clock: world.clock, telemetry, host, port })
}
