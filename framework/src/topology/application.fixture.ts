import * as z from 'zod'
import { command, type Contract, contract, query } from '../contract/index.ts'
import { type Application, application, job, type Module, module } from '../module/index.ts'

/** What a module of a sample application is like. */
export interface Sample {
  readonly name: string
  readonly uses?: readonly string[]
  readonly hasTables?: boolean
  readonly hasSchedules?: boolean
  readonly hasJobs?: boolean
  /** Operations with a route; every module has one without, too. */
  readonly publicOperations?: number
  readonly timeout?: string
}

const tidy = job('tidy', { input: z.object({}) })

/** An application of such modules; each is listed after those that it uses. */
export function sampleApplication(samples: readonly Sample[]): Application {
  const modules = new Map<string, Module>()
  for (const sample of samples) {
    const uses = (sample.uses ?? []).flatMap((used) => modules.get(used)?.contract ?? [])
    modules.set(sample.name, sampleModule(sample, uses))
  }
  return application('bazaar', { modules: [...modules.values()] })
}

function sampleModule(sample: Sample, uses: readonly Contract[]): Module {
  const declared = sampleContract(sample)
  const handlers = Object.keys(declared.operations).map((name) => [name, () => ({})])
  const schedules = { tidy: { every: '1m', run: () => Promise.resolve() } }
  return module(declared, {
    uses,
    handlers: Object.fromEntries(handlers) as Record<string, () => object>,
    ...(sample.hasTables === true ? { tables: { migrations: new URL('file:///sql/') } } : {}),
    ...(sample.hasSchedules === true ? { schedules } : {}),
    messages: ({ perform }) => (sample.hasJobs === true ? [perform(tidy, async () => {})] : []),
  })
}

function sampleContract({ name, publicOperations = 1, timeout = '5s' }: Sample): Contract {
  const types = { input: z.object({}), output: z.object({}), timeout }
  const open = Array.from({ length: publicOperations }, (_, index) => [
    `do${index}`,
    command({ ...types, access: 'public', http: `POST /${name}/${index}` }),
  ])
  return contract(name, {
    operations: {
      ...Object.fromEntries(open),
      look: query({ ...types, access: 'internal' }),
    },
  }) as Contract
}

/** A small shop: `orders` and `checkout` have most of the uses, `search` keeps no rows, only `orders`
 *  has schedules, and its operations take longest: 15 s. */
export const bazaar: Application = sampleApplication([
  { name: 'catalog', hasTables: true, publicOperations: 2 },
  { name: 'search', uses: ['catalog'] },
  { name: 'inventory', uses: ['catalog'], hasTables: true },
  {
    name: 'orders',
    uses: ['inventory'],
    hasTables: true,
    hasSchedules: true,
    publicOperations: 0,
    timeout: '15s',
  },
  { name: 'checkout', uses: ['catalog', 'orders'], hasTables: true },
])
