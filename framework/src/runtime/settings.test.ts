import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings, settingRows } from './settings.ts'
import { runtimeSettingInvalid, runtimeSettingUnknown } from './errors.ts'

test('an empty environment gives the documented defaults', () => {
  const { moduleVariables, ...settings } = parseSettings({})
  assert.deepEqual(moduleVariables, {})
  assert.deepEqual(settings, {
    host: '127.0.0.1',
    port: 4_000,
    databaseUrl: undefined,
    mailUrl: undefined,
    filesUrl: undefined,
    folder: '.banyan',
    tokenSecrets: [],
    logLevel: 'info',
    messagesUrl: undefined,
    otlpUrl: undefined,
    traceShare: 1,
    corsOrigins: [],
    inFlightMax: 4_096,
    readConnectionsMax: 2,
    transactionsMax: 8,
    statementNames: true,
    drainNoticeMs: 1_000,
    drainDeadlineMs: 25_000,
    stuckMs: 30_000,
    faults: '',
  })
})

const spelled: Readonly<Record<keyof typeof settingRows, readonly [string, unknown]>> = {
  host: ['0.0.0.0', '0.0.0.0'],
  port: ['0', 0],
  databaseUrl: ['postgresql://a@b/c', 'postgresql://a@b/c'],
  messagesUrl: ['amqp://localhost', 'amqp://localhost'],
  mailUrl: ['smtp://localhost:25', 'smtp://localhost:25'],
  filesUrl: ['file:///var/lib/files', 'file:///var/lib/files'],
  folder: ['/var/lib/shop', '/var/lib/shop'],
  tokenSecrets: ['new, old', ['new', 'old']],
  logLevel: ['warn', 'warn'],
  otlpUrl: ['http://127.0.0.1:4318/v1/traces', 'http://127.0.0.1:4318/v1/traces'],
  traceShare: ['0.25', 0.25],
  corsOrigins: ['https://a.example,https://b.example', ['https://a.example', 'https://b.example']],
  inFlightMax: ['16', 16],
  readConnectionsMax: ['4', 4],
  transactionsMax: ['3', 3],
  statementNames: ['off', false],
  drainNoticeMs: ['0ms', 0],
  drainDeadlineMs: ['2m', 120_000],
  stuckMs: ['5s', 5_000],
  faults: ['checkout.paid=kill', 'checkout.paid=kill'],
}

test('every setting is read from its variable', () => {
  for (const [name, [text, value]] of Object.entries(spelled)) {
    const key = name as keyof typeof settingRows
    const settings = parseSettings({ [settingRows[key].variable]: text })
    assert.deepEqual(settings[key], value, name)
  }
})

const refused: readonly (readonly [string, string])[] = [
  ['BANYAN_PORT', 'http'],
  ['BANYAN_PORT', '65536'],
  ['BANYAN_PORT', '-1'],
  ['BANYAN_PORT', '1.5'],
  ['DATABASE_URL', 'mysql://a@b/c'],
  ['BANYAN_LOG_LEVEL', 'loud'],
  ['BANYAN_OTLP_URL', 'collector'],
  ['BANYAN_TRACE_SHARE', '1.1'],
  ['BANYAN_TRACE_SHARE', 'half'],
  ['BANYAN_IN_FLIGHT_MAX', '0'],
  ['BANYAN_READ_CONNECTIONS_MAX', '65'],
  ['BANYAN_TRANSACTIONS_MAX', '0'],
  ['BANYAN_STATEMENT_NAMES', 'false'],
  ['BANYAN_DRAIN_NOTICE', '5'],
  ['BANYAN_DRAIN_DEADLINE', 'soon'],
  ['BANYAN_STUCK_AFTER', '10ms'],
]

test('a value that is not valid is refused with the name of its variable', () => {
  for (const [variable, text] of refused) {
    assert.throws(
      () => parseSettings({ [variable]: text }),
      (error) => runtimeSettingInvalid.is(error) && error.details.name === variable,
      `${variable}=${text}`,
    )
  }
})

test('an empty value counts as absent', () => {
  assert.equal(parseSettings({ BANYAN_PORT: '', DATABASE_URL: '' }).port, 4_000)
})

test('an unknown BANYAN_ variable is refused with the nearest name, foreign variables are not', () => {
  assert.throws(
    () => parseSettings({ BANYAN_PROT: '1' }),
    (error) => runtimeSettingUnknown.is(error) && error.fix === 'Did you mean BANYAN_PORT?',
  )
  assert.throws(
    () => parseSettings({ BANYAN_ZZZZZZZZZZZZ: '1' }),
    (error) => runtimeSettingUnknown.is(error) && error.fix === 'Remove it.',
  )
  assert.doesNotThrow(() => parseSettings({ PATH: '/bin', BANYAN_REQUIRE_ENGINES: '1' }))
})

test('every setting has a meaning and a variable of its own', () => {
  const rows = Object.values(settingRows)
  assert.equal(new Set(rows.map(({ variable }) => variable)).size, rows.length)
  assert.ok(rows.every(({ meaning }) => /^[A-Z].*\.$/.test(meaning)))
})
