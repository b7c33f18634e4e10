import type { Layers } from '../planned.fixture.ts'

/** What else a bad topology is given, and the suggestion that its problem must make. */
interface Around extends Pick<Layers, 'environment' | 'flags'> {
  readonly nearest?: string
}

/** A topology that must be refused for exactly one thing. */
export interface BadTopology extends Around {
  readonly title: string
  readonly topology: unknown
  readonly code: string
  readonly path: string
}

/** Bad topologies of one kind, and a neighbour of them that is accepted: without it, refusing
 *  everything would pass. */
export interface BadGroup extends Pick<Layers, 'environment' | 'flags'> {
  readonly group: string
  readonly accepted: unknown
  readonly refused: readonly BadTopology[]
}

/** @param place  the code of its one problem, and where that is. */
export function bad(
  title: string,
  [code, path]: readonly [string, string],
  topology: unknown,
  around: Around = {},
): BadTopology {
  return { title, code, path, topology, ...around }
}

/** What one service needs to be the only one. */
export const everything = { modules: '*', runs: ['http', 'schedules'] } as const
/** The smallest good topology, spelt out. */
export const app = { services: { app: everything } } as const
/** The only gateway that there is. */
export const haproxy = { engine: 'haproxy' } as const
/** A service that only serves HTTP. */
export const edge = { runs: ['http'] } as const

/** The only service of a topology, with something different. */
export function appWith(service: object): object {
  return { services: { app: { ...everything, ...service } } }
}

/** An edge before everything else. */
export function edgeWith(first: unknown, rest: object = { modules: '*' }): object {
  return { services: { edge: first, rest } }
}
