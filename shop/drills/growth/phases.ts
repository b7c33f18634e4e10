import { createSystemClock, sleep } from 'banyan/kernel'
import type { RunningSystem, Victim } from './system.ts'

const clock = createSystemClock()

/** What is done to the system while the load runs. */
export interface Phase {
  readonly name: string
  run(system: RunningSystem, report: (line: string) => void): Promise<void>
}

/** Moves through topologies; a rest between them shows what the move left behind. */
export function movesThrough(topologies: readonly string[]): Phase {
  return {
    name: `apply ${topologies.join(', ')}`,
    async run(system, report) {
      for (const topology of topologies) {
        const startMs = clock.monotonicMs()
        await system.apply(topology)
        report(`applied ${topology} in ${seconds(clock.monotonicMs() - startMs)}`)
        await sleep(clock, 2_000)
      }
    },
  }
}

/** Replaces every instance. */
export const rollingRestart: Phase = {
  name: 'rolling restart',
  async run(system, report) {
    const before = await system.instances()
    await system.restartAll()
    const after = await system.instances()
    const kept = after.filter(({ pid }) => before.some((old) => old.pid === pid))
    if (kept.length > 0) throw new Error(`not restarted: ${kept.map(({ id }) => id).join(', ')}`)
    report(`replaced ${after.length} instances`)
  },
}

/** Ends one instance by SIGKILL every `everyMs`, in turn over the services, for `forMs`. */
export function kills(forMs: number, everyMs: number): Phase {
  return {
    name: `kill -9 every ${seconds(everyMs)} for ${seconds(forMs)}`,
    async run(system, report) {
      const endMs = clock.monotonicMs() + forMs
      let killed = 0
      for (let turn = 0; clock.monotonicMs() < endMs; turn++) {
        await sleep(clock, everyMs)
        const victim = pick(await system.recordedInstances(), turn)
        if (victim !== undefined && end(victim.pid)) killed++
      }
      report(`killed ${killed} instances`)
      await sleep(clock, 3_000)
    },
  }
}

/** The next victim: never the only ready instance of its service. */
function pick(instances: readonly Victim[], turn: number): Victim | undefined {
  const spare = instances.filter(({ service, id }) =>
    instances.some((other) => other.service === service && other.id !== id),
  )
  return spare[turn % Math.max(spare.length, 1)]
}

function end(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
