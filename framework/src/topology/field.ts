import { parseDurationMs } from '../kernel/index.ts'
import { durationText } from './duration-text.ts'

/** What a value turned out to be. */
export type Reading<Value> =
  | { readonly value: Value }
  | { readonly fault: 'mistyped' | 'outOfRange' | 'unknown' }

/** One value of a topology: where it stands, what it means and what it may be. The reference page is
 *  made from these. */
export interface Field<Value> extends FieldText {
  /** What it must be, as the fix of a wrong one says it: `a whole number from 1 to 256`. */
  readonly expected: string
  /** The names it chooses from; empty for values of other types. */
  readonly choices: readonly string[]
  /** Path in the plan. */
  readonly planned: string
  /** The value that a text of the environment or of a flag stands for, unchecked. */
  ofText(text: string): unknown
  read(value: unknown): Reading<Value>
}

/** What is told of a field. */
interface FieldText {
  /** Path in the topology; `*` stands for the name of a service. */
  readonly path: string
  readonly meaning: string
  /** The default, in words. */
  readonly standard: string
  /** The variable of the environment that sets it. */
  readonly variable?: string
}

/** Where a field stands, of a service where it is one of a service. */
export function pathOf({ path }: Field<unknown>, service: string): string {
  return inService(path, service)
}

/** A path with the name of a service in place of `*`. */
export function inService(path: string, service: string): string {
  return path.replace('*', () => service)
}

/** Smallest and largest, both allowed. */
export type Range = readonly [min: number, max: number]

const mistyped = { fault: 'mistyped' } as const
const outOfRange = { fault: 'outOfRange' } as const

export function integer(text: FieldText, [min, max]: Range): Field<number> {
  return {
    ...text,
    expected: `a whole number from ${min} to ${max}`,
    choices: [],
    planned: text.path,
    ofText: (given) => (/^-?\d{1,15}$/.test(given) ? Number(given) : given),
    read: (value) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) return mistyped
      return value < min || value > max ? outOfRange : { value }
    },
  }
}

/** Whole milliseconds, given as such or as a text with a unit. */
export function duration(text: FieldText, [min, max]: Range): Field<number> {
  return {
    ...text,
    expected: `a duration such as '250ms' or '30s', from ${durationText(min)} to ${durationText(max)}`,
    choices: [],
    planned: `${text.path}Ms`,
    ofText: (given) => given,
    read: (value) => {
      const durationMs = tryParseMs(value)
      if (durationMs === undefined || !Number.isInteger(durationMs)) return mistyped
      return durationMs < min || durationMs > max ? outOfRange : { value: durationMs }
    },
  }
}

function tryParseMs(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  try {
    return parseDurationMs(value)
  } catch {
    return undefined
  }
}

export function toggle(text: FieldText): Field<boolean> {
  return {
    ...text,
    expected: 'true or false',
    choices: [],
    planned: text.path,
    ofText: (given) => (given === 'true' || given === 'false' ? given === 'true' : given),
    read: (value) => (typeof value === 'boolean' ? { value } : mistyped),
  }
}

export function choice<const Name extends string>(
  text: FieldText,
  choices: readonly Name[],
): Field<Name> {
  return {
    ...text,
    expected: choices.map((name) => `'${name}'`).join(' or '),
    choices,
    planned: text.path,
    ofText: (given) => given,
    read: (value) => {
      if (typeof value !== 'string') return mistyped
      const chosen = choices.find((name) => name === value)
      return chosen === undefined ? { fault: 'unknown' } : { value: chosen }
    },
  }
}

/** Names in order; which names exist is for others to say. */
export function nameList(text: FieldText): Field<readonly string[]> {
  return {
    ...text,
    expected: 'a list of names',
    choices: [],
    planned: text.path,
    ofText: listed,
    read: (value) => (isNameList(value) ? { value } : mistyped),
  }
}

/** Names in order, or `'*'` for all there are. */
export function nameListOrAll(text: FieldText): Field<readonly string[] | '*'> {
  const list = nameList(text)
  return {
    ...list,
    expected: "a list of names, or '*' for all",
    ofText: (given) => (given === '*' ? given : listed(given)),
    read: (value) => (value === '*' ? { value } : list.read(value)),
  }
}

function listed(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((name) => name.trim())
}

function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

/** An IP address or the name of a host. */
export function host(text: FieldText): Field<string> {
  return {
    ...text,
    expected: 'an IP address or the name of a host',
    choices: [],
    planned: text.path,
    ofText: (given) => given,
    read: (value) =>
      typeof value === 'string' && /^[\w.:-]{1,253}$/.test(value) ? { value } : mistyped,
  }
}
