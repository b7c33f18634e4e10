/** A process that works on the messages of the yard, for tests that kill, stop or starve it. What a job is
 *  about says what its run does: `throw`, `loop`, `memory`, `hold` (waits for SIGUSR2 in front of its
 *  effect) or nothing, then its effect; `time` says when it began. Arguments: the URL of the database, and settings as JSON. */
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import { createTokens } from '../identity/index.ts'
import { type Clock, createSystemClock, createWorld } from '../kernel/index.ts'
import { startInstance, startWatchdog } from '../runtime/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { yardApplication } from './yard.fixture.ts'
import type { YardSettings } from './yard-processes.fixture.ts'

const [url = '', json = '{}'] = process.argv.slice(2)
const settings = JSON.parse(json) as YardSettings
const machine = createSystemClock()
const clock: Clock = { ...machine, nowMs: () => machine.nowMs() + (settings.skewMs ?? 0) }
const world = createWorld({ clock })
const continued = new Promise<void>((resolve) => void process.once('SIGUSR2', () => resolve()))
const hoard: unknown[] = []

const application = yardApplication({
  by: settings.by,
  async run(_, what, ctx) {
    if (what.startsWith('time')) {
      process.stdout.write(`${what} ${performance.timeOrigin + performance.now()}\n`)
    }
    if (what.startsWith('throw')) throw new Error('it cannot be')
    if (what.startsWith('loop')) for (;;);
    while (what.startsWith('memory')) {
      hoard.push(Array.from({ length: 100_000 }, (__, index) => ({ what, index })))
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
    if (what.startsWith('hold')) {
      process.stdout.write('holding\n')
      await continued
    }
    if (what.startsWith('slow')) await new Promise((resolve) => void setTimeout(resolve, 20))
    await ctx.effect().catch((error: { code: string }) => {
      process.stdout.write(`${error.code}\n`)
      throw error
    })
    if (what.startsWith('hold')) process.stdout.write('committed\n')
  },
})
const { clock: ofTelemetry, random } = world
await startInstance({
  application,
  world,
  server: createPostgresServer({ url }),
  tokens: createTokens({
    clock,
    ids: world.ids,
    secrets: ['a secret of tests that everybody knows'],
    issuer: 'works',
  }),
  telemetry: createTelemetry({
    ...{ clock: ofTelemetry, random, service: 'works', level: 'fatal' },
    sink: createMemorySink(),
  }),
  schedules: false,
  messages: settings.messages ?? true,
  messageLimits: settings.limits ?? {},
  messageSafety: settings.safety ?? {},
})
if (settings.stuckMs !== undefined) startWatchdog({ clock: machine, stuckMs: settings.stuckMs })
process.stdout.write('ready\n')
