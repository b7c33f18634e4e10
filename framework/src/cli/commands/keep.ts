import path from 'node:path'
import type { Keeper } from '../keep/kept.ts'
import { keep as keepRunning } from '../keep/kept.ts'

/** What can be kept. */
export const keptThings = ['postgres', 'haproxy', 'companion'] as const

/** `banyan keep`, for the supervisor: owns one engine, or one companion, in a process of its own, so that
 *  it outlives a supervisor that is restarted. */
export async function keep(thing: (typeof keptThings)[number], folder: string): Promise<void> {
  await keepRunning(await keeperOf(thing, path.resolve(folder)))
}

async function keeperOf(thing: (typeof keptThings)[number], folder: string): Promise<Keeper> {
  switch (thing) {
    case 'postgres':
      return (await import('../keep/postgres.ts')).postgresKeeper
    case 'companion':
      return (await import('../keep/companion.ts')).companionKeeper
    case 'haproxy':
      return (await import('../keep/haproxy.ts')).haproxyKeeper(folder)
  }
}
