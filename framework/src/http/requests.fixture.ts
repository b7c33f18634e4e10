import * as z from 'zod'
import { command, query } from '../contract/index.ts'
import type { Context } from '../kernel/index.ts'
import { type Fixture, operationOf } from './http.fixture.ts'

const Line = z.object({ sku: z.string(), count: z.int(), big: z.bigint().optional() })
/** What the last payment was given. */
export const seen: { context?: Context } = {}

/** Operations of every shape that a route can have. */
export const operations = [
  operationOf(
    'shop.line',
    query({ input: Line, output: Line, http: 'GET /lines/{sku}', access: 'public' }),
    (input: z.output<typeof Line>) => input,
  ),
  operationOf(
    'shop.search',
    query({
      input: z.object({ tag: z.array(z.string()).optional(), deep: z.boolean().optional() }),
      output: z.object({ tag: z.array(z.string()).optional(), deep: z.boolean().optional() }),
      http: 'GET /search',
      access: 'public',
    }),
    (input: object) => input,
  ),
  operationOf(
    'shop.top',
    query({ input: z.object({}), output: z.string(), http: 'GET /lines/top', access: 'public' }),
    () => 'top',
  ),
  operationOf(
    'shop.update',
    command({ input: Line, output: Line, http: 'PUT /lines/{sku}/{count}', access: 'public' }),
    (input: z.output<typeof Line>) => input,
  ),
  operationOf(
    'shop.remove',
    command({
      input: z.object({ sku: z.string() }),
      output: z.object({}),
      http: 'DELETE /lines/{sku}',
      access: 'signed-in',
      status: 204,
    }),
    () => ({}),
  ),
  operationOf(
    'shop.pay',
    command({
      input: z.object({ amount: z.bigint() }),
      output: z.object({ key: z.string() }),
      http: 'POST /payments',
      access: 'signed-in',
      idempotency: 'required',
      status: 201,
      timeout: '2s',
    }),
    (_input: object, context) => {
      seen.context = context
      return { key: context.idempotencyKey }
    },
  ),
  operationOf(
    'shop.note',
    command({
      input: z.object({ text: z.string().optional(), any: z.unknown().optional() }),
      output: z.object({ text: z.string().optional() }),
      http: 'POST /notes',
      access: 'public',
    }),
    (input: object) => input,
  ),
]

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Fields of a JSON answer; empty when it is none. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly code: unknown
}

/** One request, its answer read to the end. */
export async function ask(fixture: Fixture, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(fixture.url + path, init)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  const fields = (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, unknown>
  return { status: response.status, headers: response.headers, text, fields, code: fields['code'] }
}

/** A POST of a JSON text. */
export function json(body: string, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } }
}

export const user = { Authorization: 'Bearer user-7' }
