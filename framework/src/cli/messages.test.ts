import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { TestServer } from '../testing/index.ts'
import { banyan, type Ended } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

const contractText = `import { contract, event } from 'banyan/contract'
import * as z from 'zod'

export const shelf = contract('shelf', {
  operations: {},
  events: {
    lent: event({ version: 1, payload: z.object({ isbn: z.string() }), key: ({ isbn }) => isbn }),
  },
})
`
const moduleText = `import { tables } from 'banyan/data'
import { job, module } from 'banyan/module'
import * as z from 'zod'
import { shelf } from './contract.ts'

const remind = job('remind', { input: z.object({ isbn: z.string() }), concurrencyMax: 4 })

export const shelfModule = module(shelf, {
  tables: tables<object>(new URL('./sql/', import.meta.url)),
  handlers: {},
  messages: ({ perform, on }) => [perform(remind, async () => {}), on(shelf.events.lent, async () => {})],
})
`
const queue = 'shelf.jobs.remind'
const idOf = (number: number): string =>
  `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`

let project: ProjectFolder
let server: TestServer
let database: string
const ask = async (text: string): Promise<Record<string, unknown>[]> => {
  const connection = await server.server.withDatabase(database).connect()
  try {
    return await new Promise((resolve, reject) => {
      const settle = {
        succeed: (result: { rows: Record<string, unknown>[] }) => resolve(result.rows),
      }
      connection.send({
        text,
        name: undefined,
        isScript: false,
        values: [],
        fail: reject,
        ...settle,
      })
    })
  } finally {
    await connection.close()
  }
}
const messages = (...args: string[]): Promise<Ended> =>
  banyan(['messages', ...args, project.root], { env: { DATABASE_URL: server.urlOf(database) } })

/** Puts \`count\` messages into the queue, in this state. */
async function fill(count: number, state: number): Promise<void> {
  await ask(`insert into shelf.banyan_message
    (id, queue, version, key, payload, headers, state, attempts, problem)
    select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'jobs.remind', 1, 'k' || n,
      '{"isbn":"b-' || n || '"}', '{"traceId":"abc"}', ${state}, 3,
      '{"code":"SMTP_DOWN","message":"no answer","stack":"at send (mail.ts:1)"}'
    from generate_series(1, ${count}) as n`)
}

before(async () => {
  project = new ProjectFolder({
    'src/shelf/contract.ts': contractText,
    'src/shelf/module.ts': moduleText,
  })
  server = await TestServer.acquire()
  database = 'postgres'
  const name = server.nextName()
  await ask(`create database "${name}"`)
  database = name
  const { exitCode, stderr } = await messages()
  assert.equal(exitCode, 0, stderr)
})
after(async () => {
  const name = database
  database = 'postgres'
  await ask(`drop database "${name}" with (force)`)
  await server.release()
  project[Symbol.dispose]()
})
beforeEach(async () => {
  await ask('truncate shelf.banyan_message, shelf.banyan_queue')
})

test('what waits is a table of queues, empty ones only when they are asked for', async () => {
  const nothing = await messages()
  assert.equal(nothing.stdout, '2 empty queues; --all shows them\n')
  await fill(3, 5)
  const [{ stdout }, asJson] = await Promise.all([messages('--all'), messages('--json')])
  assert.match(stdout, /^QUEUE +READY .* PARKED +OLDEST +LIMITS\n/)
  assert.match(stdout, /^shelf\.jobs\.remind +0 +0 +0 +0 +0 +3 +- +4 at once$/m)
  assert.match(stdout, /^shelf\.on\.shelf\.lent +0/m)
  const json = JSON.parse(asJson.stdout)
  assert.deepEqual([json.schema, json.queues[0].counts], ['banyan.messages/1', { parked: 3 }])
})

test('messages are listed page by page, or all of them, one JSON object a line', async () => {
  await fill(3, 5)
  const first = await messages('list', '--state', 'parked', '--count', '2')
  assert.match(first.stdout, /^ID +QUEUE +STATE/)
  assert.match(first.stdout, /SMTP_DOWN no answer/)
  const [, after = ''] = /more with --of shelf --after (\d+)/.exec(first.stdout) ?? []
  const [rest, all] = await Promise.all([
    messages('list', '--of', 'shelf', '--after', after, '--json'),
    messages('list', '--all', '--json'),
  ])
  const page = JSON.parse(rest.stdout)
  assert.deepEqual(
    [page.messages.map(({ key }: { key: string }) => key), page.next],
    [['k3'], undefined],
  )
  assert.deepEqual(
    all.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
    [idOf(1), idOf(2), idOf(3)],
  )
})

test('a message is shown with its error and its payload, without what a terminal would obey', async () => {
  await fill(1, 5)
  await ask(`update shelf.banyan_message set note = e'\\x1b[31mred'`)
  const { stdout } = await messages('show', idOf(1))
  assert.match(stdout, new RegExp(`^${idOf(1)}\n  queue +${queue}, version 1, position \\d+\n`))
  assert.match(
    stdout,
    /\nproblem\n {2}SMTP_DOWN {2}no answer\n {2}at send \(mail\.ts:1\)\npayload\n {2}\{\n/,
  )
  assert.match(stdout, /\n {2}note +\[31mred\n/)
  assert.ok(!stdout.includes('\u001b'))
})

test('one message is parked, redriven and cancelled; what its state forbids ends with 1', async () => {
  await fill(1, 0)
  const parked = await messages('park', idOf(1))
  assert.equal(parked.stdout, `${idOf(1)} of ${queue}: ready → parked\n`)
  const redriven = await messages('redrive', idOf(1), '--json')
  assert.equal(JSON.parse(redriven.stdout).after, 'ready')
  await messages('cancel', idOf(1))
  const [again, unknown] = await Promise.all([
    messages('cancel', idOf(1)),
    messages('show', idOf(9)),
  ])
  assert.equal(again.exitCode, 1)
  assert.match(again.stderr, /^MESSAGES_STATE_WRONG .* is cancelled/)
  assert.deepEqual([unknown.exitCode, unknown.stderr.slice(0, 24)], [1, 'MESSAGES_MESSAGE_UNKNOWN'])
})

test('a whole queue is redriven only with --yes', async () => {
  await fill(1_200, 5)
  const asked = await messages('redrive', queue)
  assert.equal(asked.exitCode, 2)
  assert.match(asked.stderr, /^CLI_CONFIRMATION_MISSING .*redrive 1200 parked messages/)
  const { exitCode, stdout } = await messages('redrive', queue, '--yes')
  assert.deepEqual([exitCode, stdout], [0, `1200 of ${queue} redriven\n`])
  const [row] = await ask('select count(*)::int from shelf.banyan_message where state = 0')
  assert.equal(row?.['count'], 1_200)
  const none = await messages('redrive', queue)
  assert.deepEqual([none.exitCode, none.stdout], [0, `nothing is parked in ${queue}\n`])
})

test('a queue is paused, limited and given back', async () => {
  assert.equal((await messages('pause', queue)).stdout, `${queue}: paused, 4 at once\n`)
  const limited = await messages('limit', queue, '--concurrency', '2', '--rate', '100/1s')
  assert.equal(limited.stdout, `${queue}: paused, 2 at once (set), 100 in 1.0 s (set)\n`)
  const back = await messages('limit', queue, '--concurrency', 'default', '--rate', 'default')
  assert.equal(back.stdout, `${queue}: paused, 4 at once\n`)
  const json = JSON.parse((await messages('resume', queue, '--json')).stdout)
  assert.deepEqual([json.isPaused, json.concurrencyMax], [false, 4])
})

test('a command line that cannot be meant ends with 2 and says what was meant', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['pause', 'shelf.jobs.remnd'], /MESSAGES_QUEUE_UNKNOWN[^]*Did you mean shelf\.jobs\.remind\?/],
    [['list', '--state', 'praked'], /CLI_FLAG_INVALID[^]*Did you mean parked\?/],
    [['list', '--after', '7'], /CLI_FLAG_INVALID[^]*--of/],
    [['list', '--count', '501'], /CLI_FLAG_INVALID[^]*1 to 500/],
    [['limit', queue], /CLI_FLAG_INVALID[^]*--concurrency 4/],
    [['limit', queue, '--concurrency', '0'], /MESSAGES_LIMIT_INVALID/],
    [['limit', queue, '--rate', 'fast'], /100\/1s/],
  ]
  const ends = await Promise.all(wrong.map(([args]) => messages(...args)))
  for (const [index, { exitCode, stderr }] of ends.entries()) {
    assert.match(stderr, wrong[index]?.[1] ?? /never/)
    assert.equal(exitCode, 2, stderr)
  }
})
