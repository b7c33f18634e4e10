import { type Contract, timeoutMsOf } from './contract.ts'
import { type JsonSchema, sortKeys } from './json-schema-tree.ts'
import { Components, reference } from './openapi/components.ts'
import { headerComponents, parameterComponents, securitySchemes } from './openapi/fixed-parts.ts'
import { pascal } from './openapi/names.ts'
import { parametersOf, requestBodyOf } from './openapi/request.ts'
import { failureTitle, type Place, problemSchema, responsesOf } from './openapi/responses.ts'
import type { RootSchema } from './openapi/shared-schemas.ts'
import type { Access } from './operation.ts'
import { parseRoute } from './route.ts'

/** What a document describes. */
export interface OpenApiOptions {
  /** Name of the application. */
  readonly name: string
  readonly version: string
  readonly contracts: readonly Contract[]
  /** Base URLs; the document's own origin unless given. */
  readonly servers?: readonly string[]
}

/** An OpenAPI 3.1.1 document as plain JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string }
  readonly servers?: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>
}

/** Describes every operation that has a route and is open to callers from outside: parameters, body,
 *  answers, and each problem it can end with, by code. Equal contracts give equal text.
 *  Operations whose access is `internal` are left out: nobody outside may call them.
 *  Cost: some milliseconds per hundred operations. Keep the result. */
export function openApiDocument(options: OpenApiOptions): OpenApiDocument {
  const { name, version, contracts, servers } = options
  const places = contracts.flatMap(placesOf).sort(byRoute)
  const components = new Components(places.flatMap(rootsOf))
  components.add('Problem', problemSchema)
  for (const place of places) addFailures(place, components)
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const place of places) {
    const path = (paths[place.route.path] ??= {})
    path[place.route.method.toLowerCase()] = describeOperation(place, components)
  }
  const modules = contracts.filter((one) => places.some(({ contract }) => contract === one))
  return {
    openapi: '3.1.1',
    info: { title: name, version },
    ...(servers === undefined ? {} : { servers: servers.map((url) => ({ url })) }),
    tags: modules.map((contract) => ({ name: contract.name })),
    paths,
    components: {
      schemas: components.schemas(),
      responses: components.responses(),
      parameters: parameterComponents,
      headers: headerComponents,
      securitySchemes,
    },
  }
}

function placesOf(contract: Contract): readonly Place[] {
  return Object.entries(contract.operations).flatMap(([name, operation]) => {
    if (operation.http === undefined || operation.access === 'internal') return []
    const route = parseRoute(operation.http, `${contract.name}.${name}`)
    return [{ contract, name, operation, route, title: pascal(contract.name) + pascal(name) }]
  })
}

function byRoute(a: Place, b: Place): number {
  if (a.route.path !== b.route.path) return a.route.path < b.route.path ? -1 : 1
  return a.route.method < b.route.method ? -1 : 1
}

function rootsOf({ contract, operation, title }: Place): readonly RootSchema[] {
  const failures = (operation.failures ?? []).flatMap((name) => {
    const schema = contract.failures[name]?.declared.details
    return schema === undefined ? [] : [{ schema, name: `${failureTitle(contract, name)}Details` }]
  })
  return [
    { schema: operation.input, name: `${title}Input` },
    { schema: operation.output, name: `${title}Output` },
    ...failures,
  ]
}

/** One component per declared failure: the problem with its code and its details. */
function addFailures({ contract, operation }: Place, components: Components): void {
  for (const name of operation.failures ?? []) {
    const definition = contract.failures[name]
    if (definition === undefined) continue
    const title = failureTitle(contract, name)
    const root = { schema: definition.declared.details, name: `${title}Details` }
    components.add(title, {
      allOf: [
        reference('Problem'),
        {
          type: 'object',
          properties: {
            code: { const: definition.code },
            details: components.schemaOf(root, 'output'),
          },
          required: ['code', 'details'],
        },
      ],
    })
  }
}

function describeOperation(place: Place, components: Components): JsonSchema {
  const { contract, name, operation } = place
  const id = `${contract.name}.${name}`
  const requestBody = requestBodyOf(place, components)
  return {
    operationId: id,
    tags: [contract.name],
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    security: securityOf(operation.access),
    parameters: parametersOf(place, components),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(place, components),
    'x-banyan-kind': operation.kind,
    'x-banyan-access': sortKeys(operation.access),
    'x-banyan-criticality': operation.criticality ?? 'default',
    'x-banyan-timeout-ms': timeoutMsOf(operation, id),
  }
}

/** A public operation also knows the caller when a token is sent. */
function securityOf(access: Access): readonly JsonSchema[] {
  const bearer = { bearer: [] }
  return access === 'public' ? [{}, bearer] : [bearer]
}
