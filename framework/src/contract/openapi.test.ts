import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import {
  type Contract,
  command,
  contract,
  event,
  failure,
  fileAnswer,
  type OpenApiDocument,
  openApiDocument,
  query,
} from './index.ts'
import { isJsonObject, type JsonSchema } from './json-schema-tree.ts'

const money = z.object({
  amountMinor: z.bigint(),
  currency: z.string().length(3),
})
interface Category {
  readonly name: string
  readonly children: readonly Category[]
}
const category: z.ZodType<Category> = z.lazy(() =>
  z.object({ name: z.string(), children: z.array(category) }),
)
const line = z.object({ sku: z.string(), count: z.int().min(1), price: money })
const order = z.object({
  id: z.uuid(),
  lines: z.array(line),
  total: money,
  placedAt: z.date(),
  note: z.string().nullable(),
})
const noOrder = z.object({ id: z.string() })

/** A contract with every kind of operation that a document can show. */
const sales = contract('sales', {
  failures: {
    orderMissing: failure('not_found', noOrder),
    soldOut: failure('conflict', z.object({ sku: z.string(), price: money })),
  },
  operations: {
    order: query({
      summary: 'One order.',
      input: z.object({ id: z.uuid(), verbose: z.boolean().default(false) }),
      output: order,
      http: 'GET /orders/{id}',
      access: ['customer', 'clerk'],
      failures: ['orderMissing'],
    }),
    place: command({
      input: z.object({ lines: z.array(line).min(1), discount: money.optional() }),
      output: order,
      http: 'POST /orders',
      status: 201,
      access: 'customer',
      idempotency: 'required',
      failures: ['soldOut'],
      timeout: '3s',
      criticality: 'critical',
    }),
    annotate: command({
      input: z.object({ id: z.uuid(), note: z.string().max(200) }),
      output: z.void(),
      http: 'PUT /orders/{id}/note',
      status: 204,
      access: 'signed-in',
      failures: ['orderMissing'],
    }),
    search: query({
      input: z.object({
        text: z.string().optional(),
        tags: z.array(z.string()).default([]),
        under: z.bigint().optional(),
      }),
      output: z.object({ orders: z.array(order), tree: category }),
      http: 'GET /orders',
      access: 'public',
    }),
    categories: query({
      input: z.object({}),
      output: z.object({ roots: z.array(category) }),
      http: 'GET /categories',
      access: 'public',
    }),
    settle: command({
      input: z.discriminatedUnion('by', [
        z.object({ by: z.literal('card'), id: z.uuid(), card: z.string() }),
        z.object({ by: z.literal('cash'), id: z.uuid(), paid: money }),
      ]),
      output: z.object({ paid: z.boolean() }),
      http: 'POST /orders/{id}/settlement',
      access: 'customer',
    }),
    sweep: command({ input: z.object({}), output: z.void(), access: 'internal' }),
    hidden: query({
      input: z.object({}),
      output: z.object({}),
      http: 'GET /hidden',
      access: 'internal',
    }),
  },
  events: { placed: event({ version: 1, payload: order, key: ({ id }) => id }) },
})

const document = describeAll([sales])

function describeAll(contracts: readonly Contract[]): OpenApiDocument {
  return openApiDocument({ name: 'shop', version: '1.2.3', contracts })
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const step of path) current = isJsonObject(current) ? current[step] : undefined
  return current
}

function operation(path: string, method: string): JsonSchema {
  const found = at(document.paths, path, method)
  assert.ok(isJsonObject(found), `${method} ${path} is described`)
  return found
}

function follow(value: unknown): JsonSchema {
  const reference = at(value, '$ref')
  const found =
    typeof reference === 'string' ? at(document, ...reference.slice(2).split('/')) : value
  assert.ok(isJsonObject(found), `${String(reference)} is in the document`)
  return found
}

function parameters(path: string, method: string): readonly JsonSchema[] {
  const list = operation(path, method)['parameters']
  assert.ok(Array.isArray(list))
  return list.map(follow)
}

function bodySchema(path: string, method: string): JsonSchema {
  return follow(at(operation(path, method), 'requestBody', 'content', 'application/json', 'schema'))
}

function problemText(path: string, method: string, status: string): string {
  const response = follow(at(operation(path, method), 'responses', status))
  return JSON.stringify(at(response, 'content', 'application/problem+json', 'schema'))
}

/** Text of every reference in a document. */
function references(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, found]) => found ?? '')
}

test('the document is valid by the meta-schema of OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(document) as never)
  assert.deepEqual(result.errors, undefined)
  assert.equal(result.valid, true)
})

test('the meta-schema refuses a document that is broken, so the check can fail', async () => {
  const broken = { ...structuredClone(document), paths: { '/x': { get: { responses: 7 } } } }
  const result = await new Validator().validate(broken as never)
  assert.equal(result.valid, false)
})

test('every schema of the document is a valid JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false })
  for (const [name, schema] of Object.entries(document.components['schemas'] ?? {})) {
    assert.equal(ajv.validateSchema(schema), true, name)
  }
})

test('every reference leads somewhere, and no local definition is left', () => {
  const found = references(document)
  assert.ok(found.length > 20)
  for (const reference of found) follow({ $ref: reference })
  assert.equal(JSON.stringify(document).includes('$defs'), false)
  assert.equal(found.includes('#'), false)
})

test('equal contracts give the same text', () => {
  assert.equal(JSON.stringify(describeAll([sales])), JSON.stringify(document))
})

test('paths and components are in order, whatever the order of declaration', () => {
  const names = Object.keys(document.components['schemas'] ?? {})
  assert.deepEqual(names, [...names].sort())
  assert.deepEqual(Object.keys(document.paths), Object.keys(document.paths).toSorted())
})

test('an operation carries its id, its module, its summary and what the platform knows of it', () => {
  const found = operation('/orders/{id}', 'get')
  assert.equal(found['operationId'], 'sales.order')
  assert.deepEqual(found['tags'], ['sales'])
  assert.equal(found['summary'], 'One order.')
  assert.equal(found['x-banyan-kind'], 'query')
  assert.deepEqual(found['x-banyan-access'], ['customer', 'clerk'])
  assert.equal(found['x-banyan-timeout-ms'], 5_000)
  assert.equal(found['x-banyan-criticality'], 'default')
  const place = operation('/orders', 'post')
  assert.equal(place['x-banyan-criticality'], 'critical')
  assert.equal(place['x-banyan-timeout-ms'], 3_000)
})

test('operations without a route and internal ones are left out', () => {
  const text = JSON.stringify(document)
  assert.equal(text.includes('sales.sweep'), false)
  assert.equal(text.includes('sales.hidden'), false)
})

test('a query has path and query parameters, required as its input says, and no body', () => {
  const found = operation('/orders/{id}', 'get')
  const [id, verbose] = parameters('/orders/{id}', 'get')
  assert.equal(found['requestBody'], undefined)
  assert.deepEqual([id?.['name'], id?.['in'], id?.['required']], ['id', 'path', true])
  assert.equal(at(id, 'schema', 'format'), 'uuid')
  assert.deepEqual(
    [verbose?.['name'], verbose?.['in'], verbose?.['required']],
    ['verbose', 'query', false],
  )
  assert.equal(at(verbose, 'schema', 'default'), false)
})

test('a body leaves out what the path carries', () => {
  const schema = bodySchema('/orders/{id}/note', 'put')
  assert.deepEqual(Object.keys(schema['properties'] ?? {}), ['note'])
  assert.deepEqual(schema['required'], ['note'])
})

test('a body that is a union leaves it out of every option', () => {
  const { oneOf } = bodySchema('/orders/{id}/settlement', 'post')
  assert.ok(Array.isArray(oneOf))
  const fields = oneOf.map((option) => Object.keys(follow(option)['properties'] ?? {}))
  assert.deepEqual(fields, [
    ['by', 'card'],
    ['by', 'paid'],
  ])
  const [id] = parameters('/orders/{id}/settlement', 'post')
  assert.equal(at(id, 'schema', 'format'), 'uuid')
})

test('a body is required exactly where an empty one is refused', () => {
  assert.equal(at(operation('/orders', 'post'), 'requestBody', 'required'), true)
  const optional = contract('notes', {
    operations: {
      add: command({
        input: z.object({ text: z.string().default('') }),
        output: z.object({}),
        http: 'POST /notes',
        access: 'public',
      }),
    },
  })
  const { paths } = describeAll([optional])
  assert.equal(at(paths, '/notes', 'post', 'requestBody', 'required'), false)
})

test('success has the declared status; 204 has no content', () => {
  assert.ok(at(operation('/orders', 'post'), 'responses', '201', 'content', 'application/json'))
  assert.equal(at(operation('/orders/{id}/note', 'put'), 'responses', '204', 'content'), undefined)
})

test('a declared failure is a problem with its code and the schema of its details', () => {
  assert.match(problemText('/orders', 'post', '409'), /SalesSoldOutProblem/)
  assert.match(problemText('/orders', 'post', '409'), /DATA_IDEMPOTENCY_IN_FLIGHT/)
  assert.match(problemText('/orders/{id}', 'get', '404'), /SalesOrderMissingProblem/)
  const problem = follow({ $ref: '#/components/schemas/SalesSoldOutProblem' })
  const allOf = problem['allOf']
  assert.ok(Array.isArray(allOf))
  assert.equal(at(allOf[1], 'properties', 'code', 'const'), 'SALES_SOLD_OUT')
  const details = follow(at(allOf[1], 'properties', 'details'))
  assert.deepEqual(details['required'], ['sku', 'price'])
})

test('the problems of the platform follow the kind, the access rule and the key', () => {
  const statuses = (path: string, method: string): string[] =>
    Object.keys(operation(path, method)['responses'] ?? {})
  assert.deepEqual(statuses('/categories', 'get'), [
    '200',
    '304',
    '400',
    '401',
    '429',
    '500',
    '503',
  ])
  assert.ok(statuses('/orders/{id}', 'get').includes('403'))
  assert.ok(!statuses('/orders/{id}/note', 'put').includes('403'))
  for (const status of ['409', '422', '504'])
    assert.ok(statuses('/orders', 'post').includes(status))
  assert.match(problemText('/orders', 'post', '400'), /HTTP_IDEMPOTENCY_KEY_MISSING/)
  assert.doesNotMatch(
    problemText('/orders/{id}/note', 'put', '400'),
    /HTTP_IDEMPOTENCY_KEY_MISSING/,
  )
  assert.doesNotMatch(problemText('/categories', 'get', '401'), /CALL_UNAUTHENTICATED/)
})

test('commands take an Idempotency-Key, required where the contract says so; queries take an ETag', () => {
  const headers = (path: string, method: string): [unknown, unknown][] =>
    parameters(path, method)
      .filter((one) => one['in'] === 'header')
      .map((one) => [one['name'], one['required']])
  assert.deepEqual(headers('/orders', 'post'), [['Idempotency-Key', true]])
  assert.deepEqual(headers('/orders/{id}/note', 'put'), [['Idempotency-Key', false]])
  assert.deepEqual(headers('/orders/{id}', 'get'), [['If-None-Match', false]])
  assert.ok(at(operation('/orders/{id}', 'get'), 'responses', '200', 'headers', 'ETag'))
  assert.equal(at(operation('/orders', 'post'), 'responses', '201', 'headers'), undefined)
})

test('a bearer token is asked for, except where everybody may call', () => {
  assert.deepEqual(operation('/orders', 'post')['security'], [{ bearer: [] }])
  assert.deepEqual(operation('/categories', 'get')['security'], [{}, { bearer: [] }])
})

test('a schema used in several places is one component, in both directions where it is equal', () => {
  const text = JSON.stringify(document)
  const inlined = text.split('"amountMinor":{').length - 1
  assert.equal(inlined, 1)
  const orders = follow(at(bodyOf('/orders', 'get'), 'properties', 'orders', 'items'))
  const one = bodyOf('/orders/{id}', 'get')
  assert.equal(orders, one)
})

function bodyOf(path: string, method: string): JsonSchema {
  const content = at(operation(path, method), 'responses', '200', 'content', 'application/json')
  return follow(at(content, 'schema'))
}

test('a recursive schema refers to itself', () => {
  const roots = at(bodyOf('/categories', 'get'), 'properties', 'roots', 'items')
  const tree = follow(roots)
  assert.deepEqual(at(tree, 'properties', 'children', 'items'), roots)
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema(structuredClone(document), 'document')
  const check = ajv.compile({ $ref: `document${String(at(roots, '$ref'))}` })
  const leaf = { name: 'leaf', children: [] }
  assert.equal(check({ name: 'root', children: [leaf] }), true)
  assert.equal(check({ name: 'root', children: [{ name: 7, children: [] }] }), false)
})

test('an input that contains itself is described once and refers to itself', () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree)
    },
  })
  const trees = contract('trees', {
    operations: {
      plant: command({ input: Tree, output: Tree, http: 'POST /trees', access: 'public' }),
      prune: command({
        input: Tree,
        output: z.void(),
        http: 'POST /prune/{name}',
        access: 'public',
      }),
    },
  })
  const described = describeAll([trees])
  for (const reference of references(described)) {
    assert.ok(at(described, ...reference.slice(2).split('/')), reference)
  }
  assert.equal(JSON.stringify(described).includes('"#"'), false)
})

test('servers are named only where they are given', () => {
  assert.equal(document.servers, undefined)
  const described = openApiDocument({
    name: 'shop',
    version: '1',
    contracts: [sales],
    servers: ['https://shop.example'],
  })
  assert.deepEqual(described.servers, [{ url: 'https://shop.example' }])
})

test('an operation that answers with a file says so, instead of a schema of JSON', () => {
  const image = query({
    input: z.object({ name: z.string() }),
    output: fileAnswer,
    http: 'GET /images/{name}',
    access: 'public',
  })
  const shelf = contract('shelf', { operations: { image } })
  const document = openApiDocument({ name: 'shelf', version: '1', contracts: [shelf] })
  const text = JSON.stringify(document)
  assert.match(text, /"\*\/\*":\{"schema":\{"type":"string","format":"binary"\}\}/)
  assert.doesNotMatch(text, /ShelfImageOutput/)
})
