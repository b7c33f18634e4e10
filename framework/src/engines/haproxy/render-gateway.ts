import { createHash } from 'node:crypto'
import type { Application } from '../../module/index.ts'
import type { Plan, PlannedGateway } from '../../topology/index.ts'
import type { Account } from './account.ts'
import { type Directive, printConfig, type Section } from './config-text.ts'
import { haproxyGatewayUnplanned } from './errors.ts'
import type { PlannedServer } from './gateway-state.ts'
import { fileNames } from './layout.ts'
import { problemPages } from './problem-pages.ts'
import { publicFrontend } from './public-frontend.ts'
import { printRouteMaps } from './repeatable-routes.ts'
import { backendName, serverWords, watchWords } from './server-options.ts'

/** What the configuration is made of besides the plan. */
export interface RenderOptions {
  readonly plan: Plan
  readonly application: Application
  /** The instances; none unless given. */
  readonly servers?: readonly PlannedServer[]
  /** Whose rights the workers have when root starts them; without it they have those of the starter. */
  readonly account?: Account | undefined
  /** Where Prometheus reads HAProxy's own metrics, on the loopback address; nowhere unless given. */
  readonly metricsPort?: number | undefined
}

/** A configuration, complete. */
export interface RenderedGateway {
  /** Name in the gateway's folder → content. HAProxy must run with that folder as its own. */
  readonly files: Readonly<Record<string, string>>
  /** Equal for configurations that differ in their instances only: those change at run time, all else
   *  needs a reload. `show info` of a running HAProxy tells its own. */
  readonly digest: string
}

/** Renders HAProxy's configuration from the plan and the contracts. Pure: equal inputs give equal
 *  files. Written for and tested with HAProxy 2.6.
 *  @throws HAPROXY_GATEWAY_UNPLANNED */
export function renderGateway(options: RenderOptions): RenderedGateway {
  const { plan, application, servers = [] } = options
  const { gateway } = plan
  if (gateway === undefined) throw haproxyGatewayUnplanned({ topology: plan.topology })
  const maps = printRouteMaps(application)
  const sections = (digest: string, shown: readonly PlannedServer[]): Section[] => [
    globalSection(options, gateway, digest),
    defaultsSection(plan),
    publicFrontend(plan, gateway),
    ...metricsFrontend(options.metricsPort),
    instancesBackend(gateway, shown),
  ]
  const watch = watchWords(gateway.checkEveryMs).join(' ')
  const structure = [printConfig([], sections('', [])), watch, maps.exact, maps.patterns].join('\n')
  const digest = createHash('sha256').update(structure).digest('hex').slice(0, 16)
  const opening = [
    `The gateway of ${plan.application}, topology ${plan.topology}.`,
    'Written by Banyan and overwritten by it: change the topology instead.',
  ]
  return {
    files: {
      [fileNames.exactRoutes]: maps.exact,
      [fileNames.patternRoutes]: maps.patterns,
      [fileNames.config]: printConfig(opening, sections(digest, servers)),
    },
    digest,
  }
}

function globalSection(
  { plan, account }: RenderOptions,
  gateway: PlannedGateway,
  digest: string,
): Section {
  const socket = `unix@${fileNames.runtimeSocket}`
  const rights: Directive[] =
    account === undefined
      ? []
      : [
          ['uid', account.uid],
          ['gid', account.gid],
          ['chroot', fileNames.jail],
        ]
  return {
    head: ['global'],
    lines: [
      ['description', `banyan:${digest}`],
      ['maxconn', gateway.connectionsMax],
      // A request must fit into a buffer to be repeated: heads of 16 KiB as instances allow, and
      // bodies of as much.
      ['tune.bufsize', 32_768],
      ['tune.maxrewrite', 1_024],
      ['hard-stop-after', `${plan.drain.deadlineMs}ms`],
      ['stats', 'socket', socket, 'mode', 600, 'level', 'admin', 'expose-fd', 'listeners'],
      ...rights,
    ],
  }
}

function defaultsSection({ timeouts }: Plan): Section {
  const serverMs = timeouts.gatewayMs
  return {
    head: ['defaults'],
    lines: [
      ['mode', 'http'],
      // When a client leaves, its instance learns it. Reading from clients obeys the frontend's
      // options, connecting the backend's: so it stands here.
      ['option', 'abortonclose'],
      ['timeout', 'client', `${timeouts.clientMs}ms`],
      ['timeout', 'server', `${serverMs}ms`],
      // The system answers for a listening instance, however busy that is. When one of two instances
      // refuses, HAProxy also waits this long before it turns to the other.
      ['timeout', 'connect', `${Math.min(500, serverMs)}ms`],
      ['timeout', 'queue', `${Math.min(1_000, serverMs)}ms`],
      ['timeout', 'check', '2s'],
      ['timeout', 'http-request', `${Math.min(5_000, timeouts.clientMs)}ms`],
      ['timeout', 'http-keep-alive', '60s'],
      ['timeout', 'tunnel', `${serverMs}ms`],
      ['timeout', 'client-fin', '5s'],
      ['timeout', 'server-fin', '5s'],
      ...problemPages(),
    ],
  }
}

function metricsFrontend(port: number | undefined): Section[] {
  if (port === undefined) return []
  const isMetrics = ['if', '{', 'path', '/metrics', '}']
  return [
    {
      head: ['frontend', 'metrics'],
      lines: [
        ['bind', `127.0.0.1:${port}`],
        ['http-request', 'use-service', 'prometheus-exporter', ...isMetrics],
        ['http-request', 'deny', 'deny_status', 404],
      ],
    },
  ]
}

function instancesBackend(gateway: PlannedGateway, servers: readonly PlannedServer[]): Section {
  const repeats: Directive[] = [
    ['retries', 2],
    ['option', 'redispatch', 1],
    // The frontend takes empty-response back for requests that may not be done twice.
    ['retry-on', 'conn-failure', 'empty-response'],
  ]
  return {
    head: ['backend', backendName],
    lines: [
      ['balance', 'random(2)'],
      ['http-reuse', 'safe'],
      ...(gateway.retries ? repeats : [['retries', 0] as const, ['retry-on', 'none'] as const]),
      ['option', 'httpchk'],
      [
        'http-check',
        'send',
        'meth',
        'GET',
        'uri',
        '/readyz',
        'ver',
        'HTTP/1.1',
        'hdr',
        'Host',
        'gateway',
      ],
      ['http-check', 'expect', 'status', 200],
      ...servers.map((server) => ['server', ...serverWords(server, gateway.checkEveryMs)] as const),
    ],
  }
}
