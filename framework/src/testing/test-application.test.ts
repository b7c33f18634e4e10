import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { command, contract, failure, query } from '../contract/index.ts'
import { tables } from '../data/index.ts'
import { FakeClock } from '../kernel/index.ts'
import { application, module } from '../module/index.ts'
import { testApplication } from './index.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'banyan-testing-'))
mkdirSync(path.join(folder, 'sql'))
writeFileSync(
  path.join(folder, 'sql', '0001-create-note.sql'),
  'create table note (id text primary key, text text not null, written timestamptz not null);\n',
)
after(() => rmSync(folder, { recursive: true, force: true }))

interface Rows {
  note: { id: string; text: string; written: Date }
}

const notes = contract('notes', {
  failures: { unknownNote: failure('not_found', z.object({ id: z.string() })) },
  operations: {
    write: command({
      input: z.object({ id: z.string(), text: z.string() }),
      output: z.object({ id: z.string(), written: z.date() }),
      access: ['author'],
      http: 'POST /notes',
    }),
    read: query({
      input: z.object({ id: z.string() }),
      output: z.object({ id: z.string(), text: z.string(), written: z.date() }),
      failures: ['unknownNote'],
      access: 'public',
      http: 'GET /notes/{id}',
    }),
    count: query({ input: z.object({}), output: z.int(), access: 'internal' }),
  },
})
const handled: string[] = []
const notesModule = module(notes, {
  tables: tables<Rows>(pathToFileURL(`${folder}/sql/`)),
  handlers: {
    write: ({ id, text }, ctx) => {
      handled.push(id)
      return ctx.transaction(async (tx) => {
        const written = new Date(ctx.clock.nowMs())
        await tx.insertInto('note').values({ id, text, written }).execute()
        return { id, written }
      })
    },
    read: async ({ id }, ctx) => {
      const note = await ctx.db
        .selectFrom('note')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      if (note === undefined) throw notes.failures.unknownNote({ id })
      return note
    },
    count: async (_input, ctx) => (await ctx.db.selectFrom('note').select('id').execute()).length,
  },
  schedules: {
    sweep: {
      every: '1h',
      run: (ctx) => ctx.transaction(async (tx) => void (await tx.deleteFrom('note').execute())),
    },
  },
  seed: (ctx) =>
    ctx.transaction(async (tx) => {
      const note = { id: 'seed', text: 'first', written: new Date(0) }
      await tx.insertInto('note').values(note).execute()
    }),
})
const notebook = application('notebook', { modules: [notesModule], roles: ['author'] })
const author = { subject: 'ada', roles: ['author'] }

test('two applications under test share nothing', async () => {
  await using one = await testApplication(notebook)
  await using two = await testApplication(notebook)
  await one.as(author).of(notes).write({ id: 'a', text: 'mine' })
  assert.equal(await one.operator.of(notes).count({}), 1)
  assert.equal(await two.operator.of(notes).count({}), 0)
  assert.notEqual(one.server.database, two.server.database)
})

test('access rules hold for callers and not for the operator', async () => {
  await using app = await testApplication(notebook)
  const write = { id: 'a', text: 'mine' }
  await assert.rejects(app.as().of(notes).write(write), { code: 'CALL_UNAUTHENTICATED' })
  const reader = { subject: 'bob', roles: [] }
  await assert.rejects(app.as(reader).of(notes).write(write), { code: 'CALL_FORBIDDEN' })
  await app.operator.of(notes).write(write)
  assert.equal(await app.operator.of(notes).count({}), 1)
})

test('a declared failure reaches the caller typed', async () => {
  await using app = await testApplication(notebook)
  await assert.rejects(app.as().of(notes).read({ id: 'none' }), (error) => {
    assert.ok(notes.failures.unknownNote.is(error))
    return error.details.id === 'none'
  })
})

test('time is what the fake clock says, and schedules run when they are told to', async () => {
  const clock = new FakeClock(1_800_000_000_000)
  await using app = await testApplication(notebook, { clock })
  const { written } = await app.as(author).of(notes).write({ id: 'a', text: 'then' })
  assert.equal(written.getTime(), 1_800_000_000_000)
  await app.runSchedule('notes.schedules.sweep')
  assert.equal(await app.operator.of(notes).count({}), 0)
})

test('the seed fills the database only when it is asked for', async () => {
  await using empty = await testApplication(notebook)
  await using seeded = await testApplication(notebook, { seed: true })
  assert.equal(await empty.operator.of(notes).count({}), 0)
  assert.equal((await seeded.as().of(notes).read({ id: 'seed' })).text, 'first')
})

test('over HTTP a token of the test proves who calls', async () => {
  await using app = await testApplication(notebook, { http: true })
  const post = (token: string) =>
    fetch(`${app.url}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"id":"h","text":"over HTTP"}',
    })
  assert.equal((await post('nonsense')).status, 401)
  assert.equal((await post(app.tokenFor(author))).status, 200)
  const read = (await (await fetch(`${app.url}/notes/h`)).json()) as { text: string }
  assert.equal(read.text, 'over HTTP')
  assert.ok(app.logs.some(({ msg, path: asked }) => msg === 'request' && asked === '/notes/h'))
})

test('without http there is no address', async () => {
  await using app = await testApplication(notebook)
  assert.throws(() => app.url, /http: true/)
})

test('the wire runner loses and doubles every call, and the effect still happens once', async () => {
  await using app = await testApplication(notebook, { runner: 'wire' })
  handled.length = 0
  const { written } = await app.as(author).of(notes).write({ id: 'w', text: 'once' })
  assert.ok(written instanceof Date)
  assert.ok(handled.length >= 2, `the handler ran ${handled.length} times`)
  assert.equal(await app.operator.of(notes).count({}), 1)
  await assert.rejects(app.as().of(notes).read({ id: 'none' }), (error) =>
    notes.failures.unknownNote.is(error),
  )
})

test('a second application on the same database sees the same rows', async () => {
  await using one = await testApplication(notebook)
  await one.as(author).of(notes).write({ id: 'a', text: 'shared' })
  await using two = await testApplication(notebook, { database: one.server.database })
  assert.equal((await two.as().of(notes).read({ id: 'a' })).text, 'shared')
})

test('a database is dropped when its application is disposed', async () => {
  await using _holder = await testApplication(notebook)
  const app = await testApplication(notebook)
  const { server } = app
  await (await server.connect()).close()
  await app[Symbol.asyncDispose]()
  await assert.rejects(server.connect(), { sqlState: '3D000' })
})

test('an application without tables needs no server', async () => {
  const clock = contract('clockwork', {
    operations: {
      ask: query({ input: z.object({}), output: z.number(), access: 'public' }),
    },
  })
  const declared = application('plain', {
    modules: [module(clock, { handlers: { ask: (_input, ctx) => ctx.clock.nowMs() } })],
  })
  await using app = await testApplication(declared, { clock: new FakeClock(5) })
  assert.equal(await app.as().of(clock).ask({}), 5)
  assert.throws(() => app.server, /no tables/)
})
