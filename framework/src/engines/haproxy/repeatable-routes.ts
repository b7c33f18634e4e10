import { type Operation, parseRoute, type RouteSegment } from '../../contract/index.ts'
import type { Application } from '../../module/index.ts'

/** When a request to a route may be sent a second time though the first may have arrived: `always`
 *  (it only reads), `keyed` (when it carries an Idempotency-Key). */
export type Repeatability = 'always' | 'keyed'

interface RepeatableRoute {
  readonly method: string
  readonly segments: readonly RouteSegment[]
  readonly repeatability: Repeatability
}

/** The routes as two maps of HAProxy, from `<METHOD>:<path>` to its repeatability. */
export interface RouteMaps {
  /** Routes without parameters; looked up by their text. */
  readonly exact: string
  /** Routes with parameters; the first pattern that matches counts. */
  readonly patterns: string
}

/** What the contracts say about repeating requests. The order of the patterns is the order in which
 *  an instance looks for the route of a path: a literal segment before a parameter. So a request is
 *  judged by the route that will serve it. */
export function printRouteMaps({ modules }: Application): RouteMaps {
  const routes = modules.flatMap(({ contract }) =>
    Object.entries(contract.operations).flatMap(([name, operation]) =>
      routesOf(operation, `${contract.name}.${name}`),
    ),
  )
  routes.sort((left, right) => compareText(sortKey(left), sortKey(right)))
  const print = (rows: readonly RepeatableRoute[], keyOf: (row: RepeatableRoute) => string) =>
    rows.map((row) => `${keyOf(row)} ${row.repeatability}\n`).join('')
  return {
    exact: print(routes.filter(hasNoParameter), exactKey),
    patterns: print(
      routes.filter((route) => !hasNoParameter(route)),
      patternKey,
    ),
  }
}

/** An instance answers HEAD by the route of GET. */
function routesOf(operation: Operation, place: string): RepeatableRoute[] {
  if (operation.http === undefined) return []
  const { method, segments } = parseRoute(operation.http, place)
  const repeatability = repeatabilityOf(operation)
  const methods = method === 'GET' ? ['GET', 'HEAD'] : [method]
  return methods.map((each) => ({ method: each, segments, repeatability }))
}

/** A key means the same whether the contract demands it or leaves it to the client: the same key does
 *  it once. Without one a command may be done twice, and is not sent again. */
function repeatabilityOf({ kind }: Operation): Repeatability {
  return kind === 'query' ? 'always' : 'keyed'
}

function hasNoParameter({ segments }: RepeatableRoute): boolean {
  return segments.every((segment) => segment.type === 'literal')
}

/** Parameters sort behind every literal. */
function sortKey({ method, segments }: RepeatableRoute): string {
  const words = segments.map((part) => (part.type === 'literal' ? `0${part.text}` : '1'))
  return [...words, method].join('\0')
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function exactKey({ method, segments }: RepeatableRoute): string {
  const words = segments.map((part) => (part.type === 'literal' ? part.text : ''))
  return `${method}:/${words.join('/')}`
}

/** Plain POSIX, because not every build of HAProxy has PCRE. */
function patternKey({ method, segments }: RepeatableRoute): string {
  const words = segments.map((part) =>
    part.type === 'literal' ? part.text.replaceAll('.', '\\.') : '[^/]+',
  )
  return `^${method}:/${words.join('/')}$`
}
