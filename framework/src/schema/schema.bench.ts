import { hrtime } from 'node:process'
import * as z from 'zod'
import { compileSchema } from './index.ts'

/**
 * Micro benchmark, run by hand: `node --conditions=source framework/src/contract/schema/schema.bench.ts`
 * Prints nanoseconds per operation, the median of interleaved rounds.
 */
const order = z.object({
  id: z.uuid(),
  customer: z.string().min(1).max(64),
  email: z.email(),
  sku: z.string().regex(/^[A-Z]{3}-\d{4}$/),
  quantity: z.int().min(1).max(100),
  priceMinor: z.bigint().min(0n),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  gift: z.boolean(),
  note: z.string().max(200).optional(),
  tags: z.array(z.string().max(20)).max(10),
  at: z.date(),
})

const value: z.infer<typeof order> = {
  id: '0193b1f0-7c1a-7000-8000-000000000001',
  customer: 'customer-17',
  email: 'first.last@example.com',
  sku: 'ABC-1234',
  quantity: 3,
  priceMinor: 12_900n,
  currency: 'EUR',
  gift: false,
  note: 'please ring twice',
  tags: ['new', 'fragile'],
  at: new Date(1_790_000_000_000),
}

/** The same body without pattern formats, whose cost is the regular expression's. */
const plainOrder = order.extend({ id: z.string(), email: z.string(), sku: z.string() })

const iterations = 200_000
const rounds = 9

const compiled = compileSchema(order)
const plainCompiled = compileSchema(plainOrder)
const zodCompiled = z.compile(order)
const text = compiled.encode(value)
const wire: unknown = JSON.parse(text)
const jsonValue = { ...value, priceMinor: '12900' }

const contenders: Readonly<Record<string, () => unknown>> = {
  'zod safeParse': () => order.safeParse(value),
  'zod z.compile safeParse (shares Date)': () => zodCompiled.safeParse(value),
  'compiled copyOrInvalid': () => compiled.copyOrInvalid(value),
  'compiled copy': () => compiled.copy(value),
  'zod safeParse, no patterns': () => plainOrder.safeParse(value),
  'compiled copyOrInvalid, no patterns': () => plainCompiled.copyOrInvalid(value),
  'compiled decodeOrInvalid': () => compiled.decodeOrInvalid(wire),
  'compiled encode': () => Buffer.byteLength(compiled.encode(value)),
  'JSON.stringify': () => Buffer.byteLength(JSON.stringify(jsonValue)),
  'JSON.parse': () => JSON.parse(text),
  structuredClone: () => structuredClone(value),
}

let sink: unknown

function nanoseconds(run: () => unknown): number {
  const start = hrtime.bigint()
  for (let index = 0; index < iterations; index += 1) sink = run()
  return Number(hrtime.bigint() - start) / iterations
}

const figures = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
for (let round = 0; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(contenders)) figures.get(name)?.push(nanoseconds(run))
}
for (const [name, all] of figures) {
  const median = all.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN
  process.stdout.write(`${median.toFixed(0).padStart(7)} ns  ${name}\n`)
}
process.stdout.write(`${typeof sink}\n`)
