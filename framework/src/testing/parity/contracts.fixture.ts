import { z } from 'zod'
import { command, contract, failure, query } from '../../contract/index.ts'

/** One field for each form that a value can have in a contract. */
export const valuesSchema = z.object({
  text: z.string(),
  number: z.number(),
  whole: z.int(),
  isTrue: z.boolean(),
  none: z.null(),
  big: z.bigint(),
  at: z.date(),
  map: z.map(z.string(), z.bigint()),
  dates: z.map(z.bigint(), z.date()),
  set: z.set(z.string()),
  bytes: z.instanceof(Uint8Array),
  lines: z.array(z.object({ sku: z.string(), count: z.int().default(1) })),
  either: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('day'), day: z.date() }),
    z.object({ kind: z.literal('sum'), sum: z.bigint() }),
  ]),
  pair: z.tuple([z.string(), z.date()]),
  byName: z.record(z.string(), z.date()),
  colour: z.enum(['red', 'blue']),
  note: z.string().optional(),
  remark: z.string().nullable(),
})
export type Values = z.output<typeof valuesSchema>

/** How an operation of `store` is to end. */
export const endings = [
  'soldOut',
  'notThere',
  'tooMany',
  'closed',
  'notAllowed',
  'badWish',
  'undeclared',
  'badDetails',
  'bug',
  'text',
  'nothing',
  'badOutput',
  'noOutput',
] as const
const ending = z.object({ ending: z.enum(endings), label: z.string() })
export type Ending = z.output<typeof ending>

const text = z.object({ text: z.string() })
const labelled = z.object({ label: z.string() })
const effect = z.object({ number: z.bigint(), at: z.date() })
const wait = z.object({ label: z.string(), waitMs: z.int(), isDeaf: z.boolean().default(false) })
const answer = z.object({ value: z.string() })

/** What reached a handler besides its input. */
const seen = z.object({
  subject: z.string(),
  roles: z.array(z.string()),
  traceId: z.string(),
  criticality: z.string(),
  hasKey: z.boolean(),
  remainingMs: z.number(),
})
export type Seen = z.output<typeof seen>

const failures = {
  soldOut: failure(
    'conflict',
    z.object({
      sku: z.string(),
      left: z.bigint(),
      at: z.date(),
      byShop: z.map(z.string(), z.bigint()),
      tags: z.set(z.string()),
      seal: z.instanceof(Uint8Array),
      note: z.string().optional(),
    }),
    ({ sku, left }) => `${sku}: only ${left} left`,
  ),
  notThere: failure('not_found', labelled),
  tooMany: failure('exhausted', z.object({ limit: z.int() })),
  closed: failure('unavailable', z.object({})),
  notAllowed: failure('forbidden', labelled),
  badWish: failure('invalid', labelled),
  undeclared: failure('conflict', z.object({})),
}
const declared = ['soldOut', 'notThere', 'tooMany', 'closed', 'notAllowed', 'badWish'] as const

/** Holds the tables; nearly everything happens here. */
export const store = contract('store', {
  failures,
  operations: {
    echo: query({ input: valuesSchema, output: valuesSchema, access: 'public' }),
    keep: command({ input: valuesSchema, output: valuesSchema, access: 'public' }),
    write: command({
      input: labelled,
      output: effect,
      access: 'public',
      http: 'POST /effects',
      status: 201,
    }),
    count: query({
      input: labelled,
      output: z.object({ count: z.int() }),
      access: 'public',
      http: 'GET /effects/{label}',
    }),
    end: query({
      input: ending,
      output: z.object({ count: z.int().max(9) }),
      access: 'public',
      failures: declared,
    }),
    endCommand: command({
      input: ending,
      output: z.object({ count: z.int().max(9) }),
      access: 'public',
      failures: declared,
      http: 'POST /endings',
    }),
    wait: query({ input: wait, output: answer, access: 'public', timeout: '300ms' }),
    waitCommand: command({ input: wait, output: answer, access: 'public', timeout: '300ms' }),
    waitLong: query({ input: wait, output: answer, access: 'public', timeout: '60s' }),
    strict: query({ input: z.object({ count: z.int().min(1) }), output: answer, access: 'public' }),
    weigh: query({
      input: z.object({ text: z.string(), answerLength: z.int() }),
      output: z.object({ inputLength: z.int(), text: z.string() }),
      access: 'public',
      timeout: '30s',
    }),
    record: command({ input: text, output: text, access: 'public' }),
    see: query({ input: labelled, output: seen, access: 'public' }),
    seeCommand: command({ input: labelled, output: seen, access: 'public' }),
    inside: query({ input: z.object({}), output: answer, access: 'internal' }),
    members: query({ input: z.object({}), output: answer, access: ['member'] }),
  },
})

/** Stands between `front` and `store`. */
export const middle = contract('middle', {
  operations: {
    waitLong: query({ input: wait, output: answer, access: 'internal', timeout: '60s' }),
    see: query({ input: labelled, output: seen, access: 'internal' }),
    write: command({ input: labelled, output: effect, access: 'internal' }),
  },
})

/** What a handler learnt of an error that it caught. */
const caught = z.object({ code: z.string(), kind: z.string(), message: z.string() })

/** Is called from outside, and calls the others. */
export const front = contract('front', {
  failures: { soldOut: failures.soldOut },
  operations: {
    echo: query({ input: valuesSchema, output: valuesSchema, access: 'public' }),
    write: command({ input: labelled, output: effect, access: 'public' }),
    writeDeep: command({ input: labelled, output: effect, access: 'public' }),
    writeTwice: command({ input: labelled, output: z.array(effect), access: 'public' }),
    writeKeyed: command({ input: labelled, output: z.array(effect), access: 'public' }),
    writeInTransaction: command({ input: labelled, output: effect, access: 'public' }),
    end: query({ input: ending, output: caught, access: 'public' }),
    endUncaught: query({ input: ending, output: answer, access: 'public' }),
    waitBrief: query({ input: wait, output: caught, access: 'public', timeout: '2s' }),
    waitShort: query({ input: wait, output: answer, access: 'public', timeout: '250ms' }),
    waitDeep: query({
      input: wait,
      output: answer,
      access: 'public',
      timeout: '60s',
      http: 'GET /waits/{label}',
    }),
    see: query({
      input: labelled,
      output: z.array(seen),
      access: 'public',
      criticality: 'critical',
    }),
    seeCommand: command({ input: labelled, output: seen, access: 'public' }),
    writeFromQuery: query({ input: labelled, output: answer, access: 'public' }),
    callStranger: query({ input: z.object({}), output: answer, access: 'public' }),
    passInvalid: query({ input: z.object({}), output: caught, access: 'public' }),
    callInside: query({ input: z.object({}), output: answer, access: 'public' }),
  },
})

/** Is part of the application, and nobody declares a use of it. */
export const stranger = contract('stranger', {
  operations: { ask: query({ input: z.object({}), output: answer, access: 'public' }) },
})
