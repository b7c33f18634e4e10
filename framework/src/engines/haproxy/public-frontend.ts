import { isIP } from 'node:net'
import type { Plan, PlannedGateway } from '../../topology/index.ts'
import type { Directive, Section } from './config-text.ts'
import { printAddress } from './gateway-state.ts'
import { fileNames } from './layout.ts'
import { backendName } from './server-options.ts'

/** Where the gateway itself says whether an instance is ready. */
export const readinessPath = '/gateway/readyz'

/** Paths of instances that are not for the public: operators' endpoints and calls of peers. An
 *  instance decodes escapes before it compares, so the gateway does too. */
const privatePaths = '^/+(livez|readyz|metrics|rpc)(/.*)?$'

/** An escape of a character that needs none: only somebody who wants to be misread writes it. */
const oddEscapes = '%(2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)'

/** Headers by which proxies tell where a request came from; a client's own are lies. */
const forwardedHeaders = [
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Real-IP',
]

/** The side that clients see. */
export function publicFrontend({ listen, timeouts }: Plan, gateway: PlannedGateway): Section {
  return {
    head: ['frontend', 'public'],
    lines: [
      ['bind', ...bindWords(listen)],
      ['maxconn', gateway.connectionsMax],
      // Instances log their requests; the gateway only what went wrong or was repeated. Only here: what
      // happens to instances is on the standard error anyway.
      ['log', 'stderr', 'format', 'raw', 'local0'],
      ['option', 'dontlog-normal'],
      [
        'log-format',
        '%ci %HM %HP %ST %b/%s retries=%rc ended=%tsc request/queue/connect/answer/all=%TR/%Tw/%Tc/%Tr/%Ta ms',
      ],
      // A reload closes no connection that a client may be about to use: it is told with its next answer.
      ['option', 'idle-close-on-response'],
      ...refusals,
      ...readiness,
      ...forwardedHeaders.map((name) => ['http-request', 'del-header', name] as const),
      ['http-request', 'set-header', 'X-Forwarded-For', '%[src]'],
      // It speaks of the instance's connection, not of the client's.
      ['http-response', 'del-header', 'Keep-Alive'],
      ...(gateway.retries ? repeatRules(Math.min(10_000, timeouts.clientMs)) : []),
      ['default_backend', backendName],
    ],
  }
}

/** Listeners share their port (SO_REUSEPORT): an instance on the same one can hand over. Clear text
 *  is HTTP/1.1 alone; HTTP/2 without TLS has no client worth its risk. */
function bindWords({ host, port }: Plan['listen']): string[] {
  const everywhere = host === '::' ? ['v4v6'] : []
  const address = isIP(host) === 0 ? `${host}:${port}` : printAddress(host, port)
  return [address, ...everywhere, 'proto', 'h1']
}

/** HAProxy refuses nearly all that two readers could read differently, and puts some of it right. What
 *  it would pass on although an instance refuses it stands here too, so that the gateway says no. */
const refusals: readonly Directive[] = [
  refusal(400, ['req.fhdr(Content_Length)', '-m', 'found']),
  refusal(400, ['req.fhdr(Transfer_Encoding)', '-m', 'found']),
  ['http-request', 'deny', 'deny_status', 400, 'unless', '{', 'req.ver', '1.0', '1.1', '}'],
  refusal(405, ['method', 'CONNECT', 'TRACE']),
  refusal(404, ['path,url_dec', '-m', 'reg', privatePaths]),
]

function refusal(status: number, condition: readonly string[]): Directive {
  return ['http-request', 'deny', 'deny_status', status, ...when(condition)]
}

/** Asked by whoever stands before the gateway; instances never see it. */
const readiness: readonly Directive[] = [
  ['http-request', 'set-log-level', 'silent', ...when(['path', readinessPath])],
  readinessAnswer(200, 'ready', [`nbsrv(${backendName})`, 'gt', '0']),
  readinessAnswer(503, 'unready', []),
]

function readinessAnswer(status: number, word: string, condition: readonly string[]): Directive {
  const content = ['content-type', 'application/json', 'string', JSON.stringify({ status: word })]
  const isAsked = ['{', 'path', readinessPath, '}']
  const also = condition.length === 0 ? [] : ['{', ...condition, '}']
  return ['http-request', 'return', 'status', status, ...content, 'if', ...isAsked, ...also]
}

/** Which requests are sent again though the first may have arrived: those that the contracts call
 *  repeatable. All others are sent again only when nothing of them was sent. A body is waited for
 *  because only what is wholly in the buffer can be sent again. */
const repeatRules = (bodyTimeoutMs: number): readonly Directive[] => [
  ['http-request', 'set-var(txn.path)', 'path'],
  ['http-request', 'set-var(txn.route)', 'method,concat(:,txn.path)'],
  ['http-request', 'set-var(txn.repeat)', `var(txn.route),map_str(${fileNames.exactRoutes})`],
  [
    'http-request',
    'set-var(txn.repeat)',
    `var(txn.route),map_reg(${fileNames.patternRoutes})`,
    ...['unless', '{', 'var(txn.repeat)', '-m', 'found', '}'],
  ],
  // Not a route: the platform's pages, preflights, what does not exist.
  [
    'http-request',
    'set-var(txn.repeat)',
    'str(always)',
    ...['if', '{', 'method', 'GET', 'HEAD', 'OPTIONS', '}'],
    ...['!{', 'var(txn.repeat)', '-m', 'found', '}'],
  ],
  [
    'http-request',
    'set-var(txn.repeat)',
    'str(never)',
    ...when(['path', '-i', '-m', 'reg', oddEscapes]),
  ],
  [
    'http-request',
    'set-var(txn.repeat)',
    'str(always)',
    ...['if', '{', 'var(txn.repeat)', '-m', 'str', 'keyed', '}'],
    ...['{', 'req.hdr(Idempotency-Key)', '-m', 'found', '}'],
  ],
  [
    'http-request',
    'wait-for-body',
    'time',
    `${bodyTimeoutMs}ms`,
    ...when(['var(txn.repeat)', '-m', 'str', 'always']),
  ],
  [
    'http-request',
    'disable-l7-retry',
    ...['unless', '{', 'var(txn.repeat)', '-m', 'str', 'always', '}'],
  ],
]

function when(condition: readonly string[]): string[] {
  return ['if', '{', ...condition, '}']
}
