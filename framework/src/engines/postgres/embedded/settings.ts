import { postgresEmbeddedSettingInvalid } from './errors.ts'

/** How much a power cut may cost. `full`: nothing that was acknowledged. `test`: everything; for
 *  throw-away databases of tests only. */
export type Durability = 'full' | 'test'

const standard: Readonly<Record<string, string>> = {
  shared_buffers: '128MB',
  max_connections: '200',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Online moves of shards and replicas follow the write-ahead log.
  wal_level: 'logical',
  max_wal_senders: '10',
  max_replication_slots: '10',
  shared_preload_libraries: 'pg_stat_statements',
  track_io_timing: 'off',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Only the server's own life is logged: a refused row is the caller's to report, and statements
  // in a log that is bounded only at start would grow without limit.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
}

const forTests: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/** What keeps two servers apart and the socket private is not for configuration. */
const reserved: ReadonlySet<string> = new Set([
  'listen_addresses',
  'port',
  'unix_socket_directories',
  'unix_socket_permissions',
  'data_directory',
  'hba_file',
  'ident_file',
  'external_pid_file',
  'cluster_name',
  'logging_collector',
  'include',
  'include_dir',
  'include_if_exists',
])

/** The text of postgresql.conf.
 *  @throws POSTGRES_EMBEDDED_SETTING_INVALID for a reserved or unwritable setting; a value that
 *  PostgreSQL itself refuses shows when it starts. */
export function renderSettings(
  durability: Durability,
  extra: Readonly<Record<string, string>>,
): string {
  const chosen = durability === 'test' ? forTests : {}
  const settings = new Map(Object.entries({ ...standard, ...chosen }))
  for (const [name, value] of Object.entries(extra)) {
    assertAllowed(name, value)
    settings.set(name.toLowerCase(), value)
  }
  const lines = [...settings].map(([name, value]) => `${name} = '${quote(value)}'`)
  return `# Written at each start; change it through the settings of the embedded PostgreSQL.\n${lines.join('\n')}\n`
}

function assertAllowed(setting: string, value: string): void {
  const refuse = (cause: string): never => {
    throw postgresEmbeddedSettingInvalid({ setting, cause })
  }
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i.test(setting)) refuse('it is not a name')
  if (reserved.has(setting.toLowerCase())) refuse('it is set by the embedded server itself')
  if (['\n', '\r', '\0'].some((sign) => value.includes(sign)))
    refuse('its value holds a line break or a NUL')
}

function quote(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll("'", "''")
}
