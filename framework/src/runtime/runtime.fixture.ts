import * as z from 'zod'
import { contract, query } from '../contract/index.ts'
import { createTokens } from '../identity/index.ts'
import { createSystemRandom, createWorld, type FakeClock, type World } from '../kernel/index.ts'
import { type Application, application, module, type ModuleOptions } from '../module/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import type { InstanceOptions } from './instance-options.ts'

const clockwork = contract('clockwork', {
  operations: {
    ask: query({
      input: z.object({}),
      output: z.object({ now: z.int() }),
      access: 'public',
      http: 'GET /now',
    }),
  },
})

type Options = Omit<ModuleOptions<typeof clockwork, never, readonly [], z.ZodType>, 'handlers'>

/** An application of one module without tables. */
export function clockworkApplication(
  options: Pick<Options, 'schedules' | 'seed'> = {},
): Application {
  const declared = module(clockwork, {
    ...(options as object),
    handlers: { ask: (_input, ctx) => ({ now: Math.round(ctx.clock.nowMs()) }) },
  })
  return application('clockwork', { modules: [declared] })
}

/** What an instance is made of, in memory. */
export function instanceOptions(
  declared: Application,
  { clock }: { readonly clock?: FakeClock } = {},
): InstanceOptions & { readonly lines: readonly string[]; readonly world: World } {
  const world = createWorld({
    random: createSystemRandom(),
    ...(clock === undefined ? {} : { clock }),
  })
  const sink = createMemorySink()
  const { random, ids } = world
  const secrets: [string] = ['a secret for tests that is known to everybody']
  return {
    application: declared,
    server: undefined,
    world,
    lines: sink.lines,
    telemetry: createTelemetry({ clock: world.clock, random, sink, service: declared.name }),
    tokens: createTokens({ clock: world.clock, ids, secrets, issuer: declared.name }),
  }
}
