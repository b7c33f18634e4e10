import * as z from 'zod'
import { BanyanError, type LogLevel, parseDurationMs } from '../kernel/index.ts'
import { messageEngineOf, nearestOf } from '../topology/index.ts'
import { runtimeSettingInvalid, runtimeSettingUnknown } from './errors.ts'

/** Everything that a runtime is told from outside, parsed once. */
export interface Settings {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** Undefined: the embedded PostgreSQL of the project folder. */
  readonly databaseUrl: string | undefined
  /** What carries messages, with its address; undefined: PostgreSQL. */
  readonly messagesUrl: string | undefined
  /** The server that mail is handed to; undefined: mail is kept in the project folder. */
  readonly mailUrl: string | undefined
  /** Undefined: the folder `files` of the project folder. */
  readonly filesUrl: string | undefined
  /** Where the embedded PostgreSQL, the development secret and reports live. */
  readonly folder: string
  /** The first signs, all verify. Empty: a secret kept in the project folder. */
  readonly tokenSecrets: readonly string[]
  readonly logLevel: LogLevel
  /** OTLP/HTTP collector for traces, or undefined. */
  readonly otlpUrl: string | undefined
  /** Share of new traces that are recorded, 0..1. */
  readonly traceShare: number
  readonly corsOrigins: readonly string[]
  readonly inFlightMax: number
  /** Connections per module that readers share. */
  readonly readConnectionsMax: number
  /** Transactions at once per module; each has a connection. */
  readonly transactionsMax: number
  /** Whether statements are prepared under names. */
  readonly statementNames: boolean
  /** How long an instance keeps serving after it said that it is going away. */
  readonly drainNoticeMs: number
  readonly drainDeadlineMs: number
  /** How long the event loop may give no sign before the process is killed; 0: never. */
  readonly stuckMs: number
  /** Fault points armed for tests. */
  readonly faults: string
  /** Variables that belong to modules, by full name. */
  readonly moduleVariables: Readonly<Record<string, string>>
}

const duration = z.string().transform((text, ctx) => {
  try {
    return parseDurationMs(text)
  } catch (error) {
    const message = error instanceof BanyanError ? error.message : String(error)
    ctx.addIssue({ code: 'custom', message })
    return z.NEVER
  }
})

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
)

/** One row per setting: its variable, meaning and schema; the reference page is made from it. */
export const settingRows: SettingRows = {
  host: row('BANYAN_HOST', 'Address to listen on.', z.string().default('127.0.0.1')),
  port: row(
    'BANYAN_PORT',
    'Port of the public HTTP listener; 0 picks one.',
    z.coerce.number().int().min(0).max(65_535).default(4_000),
  ),
  databaseUrl: row(
    'DATABASE_URL',
    'PostgreSQL to use instead of the embedded one.',
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
      .optional(),
  ),
  messagesUrl: row(
    'BANYAN_MESSAGES_URL',
    'Broker that carries messages instead of PostgreSQL: amqp://, nats://, redis:// or kafka://.',
    z
      .string()
      .refine((url) => messageEngineOf(url) !== undefined, {
        message:
          'must begin with amqp://, amqps://, nats://, tls://, redis://, rediss:// or kafka://',
      })
      .optional(),
  ),
  mailUrl: row(
    'BANYAN_MAIL_URL',
    'Mail server, smtp:// (STARTTLS) or smtps://; without it mail is kept in the local state.',
    z
      .string()
      .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
      .optional(),
  ),
  filesUrl: row(
    'BANYAN_FILES_URL',
    'Where files are kept: file:///folder or s3://key:secret@bucket?region=…&endpoint=https://….',
    z
      .string()
      .regex(/^(?:file:\/\/\/|s3:\/\/)/, 'must begin with file:/// or s3://')
      .optional(),
  ),
  folder: row('BANYAN_FOLDER', 'Folder of local state.', z.string().default('.banyan')),
  tokenSecrets: row(
    'BANYAN_TOKEN_SECRET',
    'Secrets of access tokens, comma-separated; the first signs.',
    list.default([]),
  ),
  logLevel: row(
    'BANYAN_LOG_LEVEL',
    'Lowest level that is logged.',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  ),
  otlpUrl: row(
    'BANYAN_OTLP_URL',
    'OTLP/HTTP traces endpoint, such as http://127.0.0.1:4318/v1/traces.',
    z.url().optional(),
  ),
  traceShare: row(
    'BANYAN_TRACE_SHARE',
    'Share of new traces that are recorded, 0 to 1.',
    z.coerce.number().min(0).max(1).default(1),
  ),
  corsOrigins: row(
    'BANYAN_CORS_ORIGINS',
    'Origins that browsers may call from, comma-separated; none unless set.',
    list.default([]),
  ),
  inFlightMax: row(
    'BANYAN_IN_FLIGHT_MAX',
    'Requests in flight at once; more are refused.',
    z.coerce.number().int().min(1).max(100_000).default(4_096),
  ),
  readConnectionsMax: row(
    'BANYAN_READ_CONNECTIONS_MAX',
    'Database connections per module that readers share.',
    z.coerce.number().int().min(1).max(64).default(2),
  ),
  transactionsMax: row(
    'BANYAN_TRANSACTIONS_MAX',
    'Transactions at once per module, each on a connection of its own; more wait.',
    z.coerce.number().int().min(1).max(256).default(8),
  ),
  statementNames: row(
    'BANYAN_STATEMENT_NAMES',
    'Whether statements are prepared under names; off behind a PgBouncer older than 1.21.',
    z
      .enum(['on', 'off'])
      .default('on')
      .transform((text) => text === 'on'),
  ),
  drainNoticeMs: row(
    'BANYAN_DRAIN_NOTICE',
    'How long to keep serving after SIGTERM.',
    duration.default(1_000),
  ),
  drainDeadlineMs: row(
    'BANYAN_DRAIN_DEADLINE',
    'Longest wait for requests in flight when stopping.',
    duration.default(25_000),
  ),
  stuckMs: row(
    'BANYAN_STUCK_AFTER',
    'How long the event loop of a process that works on messages may give no sign before it is killed; 0 ms never kills.',
    duration
      .refine((ms) => ms === 0 || (ms >= 1_000 && ms <= 3_600_000), '0 ms, or 1 s to 1 h')
      .default(30_000),
  ),
  faults: row(
    'BANYAN_FAULTS',
    'Fault points to arm, for tests: point=kill|fail|hang[@n].',
    z.string().default(''),
  ),
}

/** The type of each setting's value. */
interface SettingRows {
  readonly host: SettingRow<z.ZodType<string>>
  readonly port: SettingRow<z.ZodType<number>>
  readonly databaseUrl: SettingRow<z.ZodType<string | undefined>>
  readonly messagesUrl: SettingRow<z.ZodType<string | undefined>>
  readonly mailUrl: SettingRow<z.ZodType<string | undefined>>
  readonly filesUrl: SettingRow<z.ZodType<string | undefined>>
  readonly folder: SettingRow<z.ZodType<string>>
  readonly tokenSecrets: SettingRow<z.ZodType<readonly string[]>>
  readonly logLevel: SettingRow<z.ZodType<LogLevel>>
  readonly otlpUrl: SettingRow<z.ZodType<string | undefined>>
  readonly traceShare: SettingRow<z.ZodType<number>>
  readonly corsOrigins: SettingRow<z.ZodType<readonly string[]>>
  readonly inFlightMax: SettingRow<z.ZodType<number>>
  readonly readConnectionsMax: SettingRow<z.ZodType<number>>
  readonly transactionsMax: SettingRow<z.ZodType<number>>
  readonly statementNames: SettingRow<z.ZodType<boolean>>
  readonly drainNoticeMs: SettingRow<z.ZodType<number>>
  readonly drainDeadlineMs: SettingRow<z.ZodType<number>>
  readonly stuckMs: SettingRow<z.ZodType<number>>
  readonly faults: SettingRow<z.ZodType<string>>
}

/** A setting: its variable, its meaning, and the schema of its text. */
export interface SettingRow<Schema extends z.ZodType> {
  readonly variable: string
  readonly meaning: string
  readonly schema: Schema
}

function row<Schema extends z.ZodType>(
  variable: string,
  meaning: string,
  schema: Schema,
): SettingRow<Schema> {
  return { variable, meaning, schema }
}

/** Parses the environment.
 *  @throws RUNTIME_SETTING_INVALID · RUNTIME_SETTING_UNKNOWN, naming the variable */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  refuseUnknown(environment)
  const read = <Schema extends z.ZodType>({
    variable,
    schema,
  }: SettingRow<Schema>): z.output<Schema> => {
    const text = environment[variable]
    const parsed = schema.safeParse(text === '' ? undefined : text)
    if (parsed.success) return parsed.data
    const cause = parsed.error.issues.map(({ message }) => message).join('; ')
    throw runtimeSettingInvalid({ name: variable, cause })
  }
  return {
    host: read(settingRows.host),
    port: read(settingRows.port),
    databaseUrl: read(settingRows.databaseUrl),
    messagesUrl: read(settingRows.messagesUrl),
    mailUrl: read(settingRows.mailUrl),
    filesUrl: read(settingRows.filesUrl),
    folder: read(settingRows.folder),
    tokenSecrets: read(settingRows.tokenSecrets),
    logLevel: read(settingRows.logLevel),
    otlpUrl: read(settingRows.otlpUrl),
    traceShare: read(settingRows.traceShare),
    corsOrigins: read(settingRows.corsOrigins),
    inFlightMax: read(settingRows.inFlightMax),
    readConnectionsMax: read(settingRows.readConnectionsMax),
    transactionsMax: read(settingRows.transactionsMax),
    statementNames: read(settingRows.statementNames),
    drainNoticeMs: read(settingRows.drainNoticeMs),
    drainDeadlineMs: read(settingRows.drainDeadlineMs),
    stuckMs: read(settingRows.stuckMs),
    faults: read(settingRows.faults),
    moduleVariables: environment as Readonly<Record<string, string>>,
  }
}

/** Variables with our prefix that mean something elsewhere. */
const foreign: readonly string[] = ['BANYAN_REQUIRE_ENGINES']

function refuseUnknown(environment: Readonly<Record<string, string | undefined>>): void {
  const known = Object.values(settingRows).map(({ variable }) => variable)
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('BANYAN_') || known.includes(name) || foreign.includes(name)) continue
    throw runtimeSettingUnknown({ name, nearest: nearestOf(name, known) })
  }
}
