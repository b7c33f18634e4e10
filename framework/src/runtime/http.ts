import type { CompiledCalls } from '../call/index.ts'
import { openApiDocument } from '../contract/index.ts'
import type { Database } from '../data/index.ts'
import {
  createHttpHandler,
  type HttpHandler,
  type HttpServer,
  startHttpServer,
} from '../http/index.ts'
import type { InstanceOptions } from './instance-options.ts'

const readinessTimeoutMs = 2_000

/** The public HTTP of an instance as a plain Node handler, with the platform's own endpoints.
 *  @throws HTTP_CORS_ORIGIN_INVALID */
export function createPublicHandler(
  calls: CompiledCalls,
  database: Database | undefined,
  options: InstanceOptions,
): HttpHandler {
  const { application, world, telemetry, tokens, api = {} } = options
  const { corsOrigins = [], version = '0.0.0' } = api
  const contracts = application.modules.map(({ contract }) => contract)
  const ping = async (): Promise<void> => database?.ping()
  return createHttpHandler({
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
          : [{ name: 'database', timeoutMs: readinessTimeoutMs, check: ping }],
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
  const { host, port } = listen
  return startHttpServer({ handler, clock: world.clock, telemetry, host, port })
}

/** Closes a listener: after a drain where one was asked for, else at once. */
export async function closeListener(
  server: HttpServer,
  { listen }: InstanceOptions,
): Promise<void> {
  if (listen?.drain !== undefined) await server.drain(listen.drain)
  await server.stop()
}
