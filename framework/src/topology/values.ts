import type { BanyanError } from '../kernel/index.ts'
import {
  topologyEngineUnknown,
  topologyValueMistyped,
  topologyValueOutOfRange,
  topologyValueUnknown,
  topologyValueUnused,
} from './errors.ts'
import { type Field, inService, pathOf } from './field.ts'
import { fields } from './fields.ts'
import { nearestOf } from './nearest.ts'
import type { Origin } from './plan.ts'
import type { ProblemList } from './problem-list.ts'
import { showValue } from './show-value.ts'

/** A value that somebody gave, as it was given. */
export interface Given {
  readonly value: unknown
  readonly origin: Exclude<Origin, 'default'>
  /** The variable or flag that gave it; empty for the file. */
  readonly source: string
}

/** Weakest first. */
const layers: readonly Origin[] = ['default', 'file', 'environment', 'flag']

/** Why values have no effect. */
export interface Idleness {
  /** Fits behind "but": `there is no gateway`. */
  readonly cause: string
  /** The value that decided so; the application did unless given. */
  readonly by?: Field<unknown>
}

/** The values of all layers. Each is checked as it is given, also one that a later layer overrides;
 *  each is read once or skipped, so that none is accepted and ignored. */
export class Values {
  readonly problems: ProblemList
  /** In the order of declaration; also those whose declaration is broken. */
  readonly services: readonly string[]
  readonly #given = new Map<string, Given>()
  readonly #unread = new Set<string>()
  readonly #origins: Record<string, Origin> = {}

  constructor(services: readonly string[], problems: ProblemList) {
    this.services = services
    this.problems = problems
  }

  /** The layer of each value that was read, by its path in the plan. */
  get origins(): Readonly<Record<string, Origin>> {
    return this.#origins
  }

  /** Paths that nobody read or skipped. */
  get unread(): readonly string[] {
    return [...this.#unread]
  }

  /** Takes a value of a layer; layers are given weakest first. */
  give(field: Field<unknown>, path: string, given: Given): void {
    const reading = field.read(given.value)
    if ('fault' in reading) return this.problems.add(faultOf(reading.fault, field, path, given))
    this.#given.set(path, given)
    this.#unread.add(path)
  }

  /** The value of the strongest layer, or the fallback, which the layer `default` gives. */
  read<Value>(field: Field<Value>, fallback: Value, service = ''): Value {
    this.note(inService(field.planned, service), this.originOf(field, service))
    return this.peek(field, fallback, service)
  }

  /** The same for a value that the plan does not have under the field's name. */
  peek<Value>(field: Field<Value>, fallback: Value, service = ''): Value {
    const path = pathOf(field, service)
    this.#unread.delete(path)
    const reading = field.read(this.#given.get(path)?.value)
    return 'value' in reading ? reading.value : fallback
  }

  /** The layer that gives the value. */
  originOf(field: Field<unknown>, service = ''): Origin {
    return this.#given.get(pathOf(field, service))?.origin ?? 'default'
  }

  /** Says which layer a part of the plan is from. */
  note(planned: string, origin: Origin): void {
    this.#origins[planned] = origin
  }

  /** Passes over fields that have no effect. What the file or a flag gives for them is a problem, unless
   *  a stronger layer decided that they have none; variables are meant for whatever topology runs. */
  skip(idle: readonly Field<unknown>[], { cause, by }: Idleness, service = ''): void {
    const decided = by === undefined ? 'default' : this.originOf(by, service)
    const isSound = by === undefined || this.problems.isSound(pathOf(by, service))
    for (const field of idle) {
      const path = pathOf(field, service)
      const given = this.#given.get(path)
      this.#unread.delete(path)
      this.#given.delete(path)
      if (given === undefined || given.origin === 'environment' || !isSound) continue
      if (layers.indexOf(given.origin) < layers.indexOf(decided)) continue
      this.problems.add(topologyValueUnused({ path, value: showValue(given.value), cause }))
    }
  }
}

type Fault = 'mistyped' | 'outOfRange' | 'unknown'
type PlacedError = BanyanError<{ readonly path: string; readonly nearest?: string }>

function faultOf(
  fault: Fault,
  field: Field<unknown>,
  path: string,
  { value: given, source }: Given,
): PlacedError {
  const { expected, choices } = field
  const value = source === '' ? showValue(given) : `${showValue(given)} (${source})`
  if (fault === 'mistyped') return topologyValueMistyped({ path, value, expected })
  if (fault === 'outOfRange') return topologyValueOutOfRange({ path, value, expected })
  const nearest = nearestOf(String(given), choices)
  const unknown = field === fields.engine ? topologyEngineUnknown : topologyValueUnknown
  return unknown({ path, value, expected, nearest })
}
