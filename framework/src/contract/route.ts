import { contractRouteInvalid } from './errors.ts'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A parsed HTTP route: `GET /stock/{sku}`. */
export interface Route {
  readonly method: HttpMethod
  readonly path: string
  readonly segments: readonly RouteSegment[]
}

export type RouteSegment =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'parameter'; readonly name: string }

const routePattern = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)$/
const literalPattern = /^[A-Za-z0-9._~-]+$/
const parameterPattern = /^\{([A-Za-z][A-Za-z0-9]*)\}$/

/** The parts of a route's text; `place` names the operation in errors.
 *  @throws CONTRACT_ROUTE_INVALID */
export function parseRoute(text: string, place: string): Route {
  const match = routePattern.exec(text)
  if (match === null) {
    throw contractRouteInvalid({ place, route: text, cause: 'is not "<METHOD> /path"' })
  }
  const [, method = '', path = ''] = match
  const segments = path === '/' ? [] : path.slice(1).split('/')
  const seen = new Set<string>()
  return {
    method: method as HttpMethod,
    path,
    segments: segments.map((segment) => {
      const name = parameterPattern.exec(segment)?.[1]
      if (name === undefined) {
        if (literalPattern.test(segment)) return { type: 'literal', text: segment }
        throw contractRouteInvalid({ place, route: text, cause: `has a bad segment "${segment}"` })
      }
      if (seen.has(name)) {
        throw contractRouteInvalid({ place, route: text, cause: `names {${name}} twice` })
      }
      seen.add(name)
      return { type: 'parameter', name }
    }),
  }
}
