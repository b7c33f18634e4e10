import { numberParser } from '@stricli/core'
import { parseDurationMs } from '../../kernel/index.ts'

/** A flag with a value that may be left away. */
export interface ValueFlag<Value> {
  readonly kind: 'parsed'
  readonly parse: (input: string) => Value
  readonly brief: string
  readonly placeholder: string
  readonly optional: true
}

/** A flag with a value that may be given several times. */
export interface ListFlag extends ValueFlag<string> {
  readonly variadic: true
}

/** A flag that is there or not. */
export interface Switch {
  readonly kind: 'boolean'
  readonly brief: string
  readonly optional: true
  readonly withNegated: false
  readonly hidden?: true
}

export function text(brief: string, placeholder: string): ValueFlag<string> {
  return { kind: 'parsed', parse: String, brief, placeholder, optional: true }
}

/** A duration such as 30s, in milliseconds. */
export function duration(brief: string): ValueFlag<number> {
  return { kind: 'parsed', parse: parseDurationMs, brief, placeholder: 'duration', optional: true }
}

export function flag(brief: string): Switch {
  return { kind: 'boolean', brief, optional: true, withNegated: false }
}

interface FolderParameter {
  readonly brief: string
  readonly parse: (input: string) => string
  readonly placeholder: string
  readonly default: string
}

/** Values of a topology, given in passing. */
export const set: ListFlag = {
  ...text(
    'set a value of the topology, such as services.sales.instances=3; may be repeated',
    'path=value',
  ),
  variadic: true,
}

/** The file that a topology stands in. */
export const topologyFile: {
  readonly brief: string
  readonly parse: (input: string) => string
  readonly placeholder: string
} = {
  brief: 'file whose default export is a topology',
  parse: String,
  placeholder: 'topology-file',
}

/** The folder, where a topology file tells enough. */
export const folderAround: {
  readonly brief: string
  readonly parse: (input: string) => string
  readonly placeholder: string
  readonly optional: true
} = {
  brief: 'folder of the application; the nearest around the topology file unless given',
  parse: String,
  placeholder: 'folder',
  optional: true,
}

/** The folder as the last argument. */
export const folderLast: FolderParameter = {
  brief: 'folder of the application, which holds banyan.ts',
  parse: String,
  placeholder: 'folder',
  default: '.',
}

/** The folder as the only argument. */
export const folderOnly: {
  readonly kind: 'tuple'
  readonly parameters: readonly [FolderParameter]
} = { kind: 'tuple', parameters: [folderLast] }

export const json: Switch = flag('print JSON')
export const host: ValueFlag<string> = text('address to listen on (setting BANYAN_HOST)', 'address')
export const port: ValueFlag<number> = {
  kind: 'parsed',
  parse: numberParser,
  brief: 'port to listen on, 0 picks one (setting BANYAN_PORT)',
  placeholder: 'port',
  optional: true,
}
