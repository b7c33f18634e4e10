import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as z from 'zod'
import { contract, query } from '../../contract/index.ts'
import { application, module } from '../../module/index.ts'
import { settingRows } from '../../runtime/index.ts'
import { fieldList, type Plan, planOf } from '../../topology/index.ts'

const input = z.object({})
const clock = contract('clock', {
  operations: { now: query({ input, output: input, access: 'public', http: 'GET /now' }) },
})
const tables = { migrations: new URL('file:///sql/') }
const clocks = application('clocks', {
  modules: [module(clock, { tables, handlers: { now: () => ({}) } })],
})

function planned(environment: Readonly<Record<string, string>>): Plan {
  const topology = { services: { app: {} } }
  return planOf({ application: clocks, name: 'dev', topology, environment, flags: [] })
}

test('what a plan accepts of a variable, an instance accepts with the same meaning', () => {
  const texts = [
    ...['0', '1', '2', '64', '65', '256', '257', '4096', '65535', '65536', '100000', '100001'],
    ...['-1', '1.5', '1e3', 'x', '0s', '250ms', '1.5s', '5m', '127.0.0.1', 'db.internal', '::1'],
  ]
  let accepted = 0
  for (const { variable, ofText, read } of fieldList) {
    if (variable === undefined || variable === 'DATABASE_URL') continue
    const row = Object.values(settingRows).find((setting) => setting.variable === variable)
    assert.ok(row !== undefined, `there is no setting ${variable}`)
    for (const text of texts) {
      const reading = read(ofText(text))
      if ('fault' in reading) continue
      accepted++
      const setting = row.schema.safeParse(text)
      assert.deepEqual(
        [setting.success, setting.data],
        [true, reading.value],
        `${variable}=${text}`,
      )
    }
  }
  assert.ok(accepted > 50, String(accepted))
})

test('a plan without a word on something means what an instance means by it', () => {
  const { listen, drain, services } = planned({})
  const [app] = services
  const standard = (row: { readonly schema: z.ZodType }): unknown => row.schema.parse(undefined)
  assert.deepEqual(
    [
      ...[listen.host, listen.port, drain.noticeMs, drain.deadlineMs],
      ...[app?.inFlightMax, app?.pool.readers, app?.pool.transactions],
    ],
    [
      ...[
        settingRows.host,
        settingRows.port,
        settingRows.drainNoticeMs,
        settingRows.drainDeadlineMs,
      ],
      ...[settingRows.inFlightMax, settingRows.readConnectionsMax, settingRows.transactionsMax],
    ].map(standard),
  )
})

test('the embedded PostgreSQL allows as many connections as plans count with', () => {
  const file = new URL('../../engines/postgres/embedded/settings.ts', import.meta.url)
  const [, allowed] = /max_connections: '(\d+)'/.exec(readFileSync(file, 'utf8')) ?? []
  assert.equal(String(planned({}).database?.connectionsMax), allowed)
})
