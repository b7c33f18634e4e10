import { type CompiledOperation, callUnauthenticated } from '../call/index.ts'
import { type Operation, parseRoute, timeoutMsOf } from '../contract/index.ts'
import { compileSchema } from '../schema/index.ts'
import { type Context, createWorld, Deadlines, type Principal } from '../kernel/index.ts'
import {
  createMemorySink,
  createTelemetry,
  type LogSink,
  type Telemetry,
} from '../telemetry/index.ts'
import {
  createHttpHandler,
  type HttpHandler,
  type HttpHandlerOptions,
  httpAuthorizationInvalid,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from './index.ts'

type Handler = (input: never, context: Context) => unknown

/** A compiled operation for tests, without the call room's pipeline. */
export function operationOf(id: string, declared: Operation, handler: Handler): CompiledOperation {
  const [module = '', name = ''] = id.split('.')
  const run = handler as (input: unknown, context: Context) => unknown
  return {
    id,
    module,
    name,
    declared,
    route: declared.http === undefined ? undefined : parseRoute(declared.http, id),
    input: compileSchema(declared.input),
    output: compileSchema(declared.output),
    timeoutMs: timeoutMsOf(declared, id),
    authorize(principal) {
      if (declared.access !== 'public' && principal.subject === '') {
        throw callUnauthenticated({ operation: id })
      }
    },
    invoke: async (input, context) => run(input, context),
  }
}

/** Tokens of tests: `user-<subject>`; everything else is refused. */
export function authenticate(token: string): Principal {
  if (!token.startsWith('user-')) throw httpAuthorizationInvalid({ cause: 'is not of a test user' })
  return { subject: token.slice(5), roles: ['customer'] }
}

export interface Fixture extends AsyncDisposable {
  readonly handler: HttpHandler
  readonly server: HttpServer
  readonly url: string
  readonly port: number
  readonly telemetry: Telemetry
  readonly sink: LogSink & { readonly lines: readonly string[] }
}

type Overrides = Partial<Omit<HttpHandlerOptions, 'operations'>> & {
  readonly server?: Partial<HttpServerOptions>
}

/** A handler with real parts of its own. */
export function handlerOf(
  operations: readonly CompiledOperation[],
  overrides: Overrides = {},
): Pick<Fixture, 'handler' | 'telemetry' | 'sink'> {
  const { server: _server, ...rest } = overrides
  const world = createWorld()
  const sink = createMemorySink()
  const { clock, random } = world
  const telemetry = createTelemetry({ clock, random, service: 'test', sink })
  const deadlines = new Deadlines(clock)
  const base = { operations, world, deadlines, telemetry, authenticate }
  return { handler: createHttpHandler({ ...base, ...rest }), telemetry, sink }
}

/** A listening server on a free loopback port. */
export async function serve(
  operations: readonly CompiledOperation[],
  overrides: Overrides = {},
): Promise<Fixture> {
  const { handler, telemetry, sink } = handlerOf(operations, overrides)
  const { clock } = createWorld()
  const server = await startHttpServer({ handler, clock, telemetry, port: 0, ...overrides.server })
  return {
    handler,
    server,
    url: server.url,
    port: server.port,
    telemetry,
    sink,
    [Symbol.asyncDispose]: () => server.stop(),
  }
}
