import type { Database } from '../../data/index.ts'
import { Deadlines, type World } from '../../kernel/index.ts'
import type { Module } from '../../module/index.ts'
import type { Telemetry } from '../../telemetry/index.ts'
import { MessageWriter, type Written } from '../message-writer.ts'
import { PlatformContexts } from '../platform-context.ts'
import { ModuleCrons } from './module-crons.ts'
import { ScheduleStore } from './schedule-store.ts'

export interface CronRunnerOptions {
  /** The modules whose cron schedules this process looks after. */
  readonly modules: readonly Module[]
  /** With the tables of these modules. */
  readonly database: Database
  readonly world: World
  readonly telemetry: Telemetry
  /** Whether jobs go through the outbox and a transport; false unless given. */
  readonly carriesJobs?: boolean
  /** Jobs of this module were added: who works on them, or carries them, may look. */
  wake(module: string, written: Written): void
  /** The time, in milliseconds since the epoch, asked before each look. The database's unless given; for
   *  simulations. All processes must be told the same. */
  readonly now?: () => Promise<number>
}

/** The cron schedules of the modules of one process. */
export interface CronRunner {
  /** `checkout.crons.nightly`, … */
  readonly ids: readonly string[]
  /** Looks from now on: when a tick is due by the database's clock, and at least each 30 s. */
  start(): void
  /** Looks once, now. @throws DATA_… */
  checkNow(): Promise<void>
  /** Adds the job of `checkout.crons.nightly` now, apart from its ticks: as if it were due this minute.
   *  @throws DATA_… · MESSAGES_PAYLOAD_…; a bare error for a name that is not here */
  run(id: string): Promise<void>
  /** Looks no more; resolves when a look under way has ended, at most after about 30 s (three transactions
   *  of 10 s). Idempotent. */
  stop(): Promise<void>
}

/** Fires the cron schedules of modules: each tick adds its job exactly once, whichever and how many processes
 *  look, wherever one of them dies. The tick and its job are one transaction; time is the database's. A database
 *  that is down delays the ticks, and its return is met by the policies for missed ones.
 *  Cost: one small transaction a look and module; one more for each schedule that is due. */
export function createCronRunner(options: CronRunnerOptions): CronRunner {
  const { world } = options
  const contexts = new PlatformContexts(world, new Deadlines(world.clock))
  const all = options.modules
    .filter(({ crons }) => crons.length > 0)
    .map((module) => moduleCrons(module, options, contexts))
  const run = async (id: string): Promise<void> => {
    const owner = all.find((crons) => crons.ids.includes(id))
    if (owner === undefined) throw new Error(`no cron schedule ${id}`)
    await owner.run(id)
  }
  return {
    ids: all.flatMap(({ ids }) => ids),
    run,
    start: () => {
      for (const crons of all) crons.start()
    },
    checkNow: async () => void (await Promise.all(all.map((crons) => crons.check()))),
    stop: async () => void (await Promise.all(all.map((crons) => crons.stop()))),
  }
}

function moduleCrons(
  module: Module,
  options: CronRunnerOptions,
  contexts: PlatformContexts,
): ModuleCrons {
  const { database, world, telemetry, carriesJobs = false, now } = options
  const { clock, ids } = world
  const { name } = module.contract
  const wake = (written: Written): void => options.wake(name, written)
  return new ModuleCrons({
    ...{ module: name, crons: module.crons, contexts, world, telemetry, now },
    store: new ScheduleStore(database.of(name), contexts, world),
    writer: new MessageWriter({ module, clock, ids, carriesJobs, wake }),
  })
}
