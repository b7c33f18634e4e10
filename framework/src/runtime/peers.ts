import { type CompiledCalls, createReceiver } from '../call/index.ts'
import { createHttpHandler, type HttpHandler, type ReadinessCheck } from '../http/index.ts'
import { graphOf } from '../module/index.ts'
import {
  type Carrier,
  createFramesCarrier,
  createPostCarrier,
  createRouter,
  type PeerListener,
  peerPolicy,
  type Router,
  startPeerListener,
  type TlsSource,
  watchCertificates,
} from '../remote/index.ts'
import { runtimeCertificatesMissing } from './errors.ts'
import type { InstanceOptions } from './instance-options.ts'
import type { Placement } from './placement.ts'

/** The road of one instance to its peers, both ways. */
export interface Road extends AsyncDisposable {
  /** Takes calls of modules that are not hosted here to where they are. */
  readonly router: Router
  /** Opens the listener that peers call; it also answers `/livez`, `/readyz` and `/metrics`.
   *  @throws REMOTE_LISTEN_FAILED */
  listen(calls: CompiledCalls, checks: readonly ReadinessCheck[]): Promise<PeerListener>
}

/** Longest wait for calls of this instance that are still under way when it ends. */
const closeDeadlineMs = 2_000

/** Makes the road of an instance; nothing is connected before the first call.
 *  @throws RUNTIME_CERTIFICATES_MISSING · REMOTE_CERTIFICATES_INVALID with mutual TLS */
export async function openRoad(options: InstanceOptions, placement: Placement): Promise<Road> {
  const stack = new AsyncDisposableStack()
  const { world, telemetry } = options
  const { clock = world.clock } = placement
  const tls = await openTls(stack, options, placement)
  const router = createRouter({
    ...{ clock, random: world.random, telemetry, directory: placement.directory },
    carrier: carrierOf(options, placement, tls),
    self: { service: placement.service },
  })
  stack.defer(() => router.close(closeDeadlineMs))
  return {
    router,
    listen: (calls, checks) => listen(options, placement, { calls, checks, tls }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function openTls(
  stack: AsyncDisposableStack,
  { world, telemetry }: InstanceOptions,
  { calls, certificates: folder, service, clock = world.clock }: Placement,
): Promise<TlsSource | undefined> {
  if (!calls.mtls) return undefined
  if (folder === undefined) throw runtimeCertificatesMissing({ service })
  return stack.use(await watchCertificates({ folder, service, clock, telemetry }))
}

function carrierOf(
  { application, world, telemetry }: InstanceOptions,
  { calls, service, id, clock = world.clock }: Placement,
  tls: TlsSource | undefined,
): Carrier {
  const shared = {
    ...{ clock, telemetry, application: application.name, service, instance: id },
    connections: calls.connections,
    ...(tls === undefined ? {} : { tls }),
  }
  return calls.carrier === 'frames' ? createFramesCarrier(shared) : createPostCarrier(shared)
}

function listen(
  { application, world, telemetry }: InstanceOptions,
  { service, id, services, endpoint, clock = world.clock }: Placement,
  parts: {
    readonly calls: CompiledCalls
    readonly checks: readonly ReadinessCheck[]
    readonly tls: TlsSource | undefined
  },
): Promise<PeerListener> {
  const { calls, checks, tls } = parts
  const of = (name: string): (typeof services)[number] | undefined =>
    services.find((known) => known.name === name)
  return startPeerListener({
    ...{ endpoint, clock, telemetry, application: application.name, service },
    instance: id,
    services: services.map(({ name }) => name),
    receiver: createReceiver(calls),
    policy: peerPolicy({
      uses: graphOf(application),
      hostsOf(name) {
        const { modules = [], worksFor = [] } = of(name) ?? {}
        return [...modules, ...worksFor]
      },
      servesHttp: (name) => of(name)?.runs.includes('http') === true,
    }),
    handler: createHealthHandler(calls, checks),
    ...(tls === undefined ? {} : { tls }),
  })
}

function createHealthHandler(calls: CompiledCalls, checks: readonly ReadinessCheck[]): HttpHandler {
  const { world, telemetry, deadlines } = calls
  return createHttpHandler({ operations: [], world, telemetry, deadlines, platform: { checks } })
}
