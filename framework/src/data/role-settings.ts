import { literal } from './ask.ts'

/** Settings that a role brings to every session, so that no session has state of its own and a
 *  pooler may hand connections around. */
export type RoleKind = 'owner' | 'writer' | 'reader'

/** Where extensions live; every module may use them. */
export const extensionSchema = 'banyan_extension'

const shared: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  bytea_output: 'hex',
  lock_timeout: '2s',
}

const byKind: Readonly<Record<RoleKind, Readonly<Record<string, string>>>> = {
  owner: { statement_timeout: '0' },
  writer: { statement_timeout: '5min', idle_in_transaction_session_timeout: '30s' },
  reader: {
    statement_timeout: '5min',
    idle_in_transaction_session_timeout: '30s',
    default_transaction_read_only: 'on',
  },
}

/** The `ALTER ROLE … SET` statements of a role, as one text. */
export function roleSettings(role: string, kind: RoleKind, schema: string): string {
  const path = `"${schema}", ${extensionSchema}`
  const settings = { ...shared, ...byKind[kind] }
  const set = Object.entries(settings).map(
    ([name, value]) => `alter role "${role}" set ${name} = ${literal(value)};`,
  )
  return [`alter role "${role}" set search_path = ${path};`, ...set].join('\n')
}
