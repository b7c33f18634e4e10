import * as boundary from '../boundary/index.ts'
import * as call from '../call/index.ts'
import * as cluster from '../cluster/index.ts'
import * as contract from '../contract/index.ts'
import * as data from '../data/index.ts'
import * as authority from '../engines/authority/index.ts'
import * as haproxy from '../engines/haproxy/index.ts'
import * as postgresClient from '../engines/postgres/client/index.ts'
import * as postgresEmbedded from '../engines/postgres/embedded/index.ts'
import * as smtp from '../engines/smtp/index.ts'
import * as files from '../files/index.ts'
import * as http from '../http/index.ts'
import * as identity from '../identity/index.ts'
import * as kernel from '../kernel/index.ts'
import * as mail from '../mail/index.ts'
import * as messages from '../messages/index.ts'
import * as module from '../module/index.ts'
import * as remote from '../remote/index.ts'
import * as runtime from '../runtime/index.ts'
import * as threads from '../threads/index.ts'
import * as topology from '../topology/index.ts'
import * as cli from './errors.ts'

/** One error of the platform, its text with `{placeholders}`. */
export interface ErrorRow {
  readonly code: string
  readonly kind: kernel.ErrorKind
  readonly message: string
  readonly fix: string
}

const rooms: readonly object[] = [
  authority,
  boundary,
  call,
  cli,
  cluster,
  contract,
  data,
  files,
  haproxy,
  http,
  identity,
  kernel,
  mail,
  messages,
  module,
  postgresClient,
  postgresEmbedded,
  remote,
  runtime,
  smtp,
  threads,
  topology,
]

/** Every error that the rooms export, sorted by code. */
export function listErrors(): readonly ErrorRow[] {
  const rows = new Map<string, ErrorRow>()
  for (const value of rooms.flatMap((room) => Object.values(room) as unknown[])) {
    if (isDefinition(value)) rows.set(value.code, rowOf(value))
  }
  return [...rows.values()].sort((left, right) => (left.code < right.code ? -1 : 1))
}

function isDefinition(value: unknown): value is kernel.ErrorDefinition {
  return typeof value === 'function' && 'code' in value && 'kind' in value && 'is' in value
}

function rowOf(definition: kernel.ErrorDefinition): ErrorRow {
  const { code, kind } = definition
  try {
    const { message, fix } = definition(placeholders)
    return { code, kind, message, fix }
  } catch {
    return { code, kind, message: '(depends on the details)', fix: '' }
  }
}

/** Details whose every field reads as `{field}`. */
const placeholders = new Proxy<Readonly<Record<string, unknown>>>(
  {},
  { get: (_, name) => (typeof name === 'string' ? placeholder(name) : undefined) },
)

/** A value that reads as `{name}` in a text, also where the text treats it as a list or an object. */
function placeholder(name: string): object {
  const text = `{${name}}`
  const itself = (): object => value
  const value: object = {
    toString: () => text,
    [Symbol.toPrimitive]: () => text,
    join: () => text,
    map: itself,
    slice: itself,
    0: { path: '', message: text },
    length: 1,
  }
  return value
}
