import pg from 'pg'
import type { Connection, DatabaseServer, Login } from '../../../data/index.ts'
import { columnTypes } from './column-types.ts'
import { PostgresConnection } from './connection.ts'
import { postgresUrlInvalid } from './errors.ts'
import { unreachable } from './problems.ts'
import type { WireClient, WireConfig } from './wire.ts'

export interface PostgresServerOptions {
  /** `postgres://role:password@host:port/database?sslmode=…`; a socket folder as
   *  `postgres://role@%2Fsocket%2Ffolder:port/database` or `?host=/socket/folder`. */
  readonly url: string
  /** False behind a PgBouncer older than 1.21 in transaction mode; default true. */
  readonly statementNames?: boolean
  /** Longest wait for a connection to be accepted; default 3,000 ms. */
  readonly connectMsMax?: number
  /** Shown in `pg_stat_activity`; default `banyan`. */
  readonly applicationName?: string
}

/** A PostgreSQL server (15 or newer) reached through the `pg` library. Opens nothing by itself.
 *  @throws POSTGRES_URL_INVALID */
export function createPostgresServer(options: PostgresServerOptions): DatabaseServer {
  const base: WireConfig & pg.ClientConfig = {
    ...addressOf(options.url),
    application_name: options.applicationName ?? 'banyan',
    connectionTimeoutMillis: options.connectMsMax ?? 3_000,
    keepAlive: true,
    pipeline: true,
    types: columnTypes,
  }
  return serverOf(base, options.statementNames ?? true)
}

function serverOf(config: WireConfig, statementNames: boolean): DatabaseServer {
  const database = config.database ?? ''
  return {
    address: `${config.host}:${config.port}/${database}`,
    role: config.user ?? '',
    database,
    statementNames,
    connect: (login) => connect(login === undefined ? config : withLogin(config, login)),
    withDatabase: (other) => serverOf({ ...config, database: other }, statementNames),
  }
}

function withLogin(config: WireConfig, login: Login): WireConfig {
  return { ...config, user: login.role, password: login.password }
}

function connect(config: WireConfig): Promise<Connection> {
  const client = new pg.Client(config) as WireClient
  return new Promise((resolve, reject) => {
    client.once('error', () => {})
    client.connect((error: Error | null) => {
      if (error === null) return resolve(new PostgresConnection(client, config))
      client.connection.stream.destroy()
      reject(unreachable(error))
    })
  })
}

/** The library reads the URL, so that every spelling it knows (sslmode, socket folders) works. */
function addressOf(url: string): WireConfig {
  if (!/^postgres(ql)?:\/\//.test(url)) throw postgresUrlInvalid({ reason: 'the scheme' })
  const { host, port, user, password, database, ssl } = readUrl(url)
  if (user === undefined || user === '' || database === undefined || database === '') {
    throw postgresUrlInvalid({ reason: 'the role or the database is missing' })
  }
  const secret = password === undefined || password === null ? {} : { password }
  return { host, port, user, database, ssl, ...secret }
}

function readUrl(url: string): pg.Client {
  try {
    return new pg.Client({ connectionString: url })
  } catch (cause) {
    throw postgresUrlInvalid({ reason: cause instanceof Error ? cause.message : String(cause) })
  }
}
