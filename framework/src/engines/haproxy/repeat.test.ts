import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sleep } from '../../kernel/index.ts'
import { clock, haproxy, serving, type TestInstance } from './gateway.fixture.ts'
import { send } from './load.fixture.ts'

const key = { 'Idempotency-Key': 'once' }

/** What is sent to an instance that reads it and dies: the method, the path, and with which headers. */
interface Attempt {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Nearly every request meets `a` first, which dies of it, and a second attempt goes elsewhere. */
const mostlyDying = { weights: { a: 256, b: 1 } }
const attemptsPerCase = 3
/** What an instance tells the test takes its way through a pipe. */
const settleMs = 150

interface Sent {
  readonly name: string
  readonly target: string
  readonly status: number
}

async function sendAll(url: string, attempts: readonly Attempt[]): Promise<Sent[]> {
  const all: Sent[] = []
  for (const { path, ...rest } of attempts) {
    for (let index = 0; index < attemptsPerCase; index++) {
      const target = `${path}?die=a&mark=${all.length}`
      const { status } = await send(`${url}${target}`, rest)
      all.push({ name: `${rest.method} ${path}`, target, status })
    }
  }
  await sleep(clock, settleMs)
  return all
}

/** How many instances saw each request. */
function sightings(instances: readonly TestInstance[], { target }: Sent): number {
  return instances.flatMap(({ seen }) => seen).filter(({ url }) => url === target).length
}

const repeated: readonly Attempt[] = [
  { method: 'GET', path: '/orders' },
  { method: 'GET', path: '/orders/7' },
  { method: 'GET', path: '/orders/a%20b' },
  { method: 'HEAD', path: '/orders/7' },
  { method: 'OPTIONS', path: '/orders' },
  { method: 'GET', path: '/not-a-route' },
  { method: 'POST', path: '/orders/search', body: '{}' },
  { method: 'POST', path: '/orders', headers: key, body: '{}' },
  { method: 'POST', path: '/orders/7/cancel', headers: key, body: '{}' },
  // a key means the same where it is optional
  { method: 'POST', path: '/notes', headers: key, body: '{}' },
  { method: 'POST', path: '/orders/7/approve', headers: key, body: '{}' },
]

const sentOnce: readonly Attempt[] = [
  { method: 'POST', path: '/orders', body: '{}' },
  { method: 'POST', path: '/orders/7/cancel', body: '{}' },
  // its key is optional, and it carries none
  { method: 'POST', path: '/notes', body: '{}' },
  { method: 'POST', path: '/orders/7/approve', body: '{}' },
  // a command behind GET
  { method: 'GET', path: '/visit' },
  { method: 'HEAD', path: '/visit' },
  // a literal route beside one that only reads
  { method: 'POST', path: '/orders/drafts/cancel', body: '{}' },
  // written so that only the instance sees which route it is
  { method: 'POST', path: '/orders/dr%61fts/cancel', headers: key, body: '{}' },
  { method: 'GET', path: '/v%69sit' },
  { method: 'DELETE', path: '/not-a-route', headers: key },
]

test(
  'a request is sent again after a lost answer where the contracts allow it',
  haproxy,
  async () => {
    await using made = await serving(['a', 'b'], mostlyDying)
    const sent = await sendAll(made.url, repeated)
    for (const one of sent) assert.equal(one.status, 200, one.name)
    const counts = Map.groupBy(sent, ({ name }) => name)
    for (const [name, group] of counts) {
      const most = Math.max(...group.map((one) => sightings(made.instances, one)))
      assert.equal(most, 2, `${name} never met the dying instance`)
    }
  },
)

test('a request that may have arrived is not sent again where they do not', haproxy, async () => {
  await using made = await serving(['a', 'b'], mostlyDying)
  const sent = await sendAll(made.url, sentOnce)
  for (const one of sent) assert.equal(sightings(made.instances, one), 1, `${one.name} came twice`)
  for (const [name, group] of Map.groupBy(sent, (one) => one.name)) {
    const isLost = group.some(({ status }) => status === 502)
    assert.ok(isLost, `${name} never met the dying instance`)
  }
})

test('a keyed command whose body comes late is repeated with its body', haproxy, async () => {
  await using made = await serving(['a', 'b'], mostlyDying)
  for (let index = 0; index < attemptsPerCase; index++) {
    const socket = connect(made.port, '127.0.0.1')
    const head = `POST /orders?die=a&late=${index} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k${index}`
    socket.write(`${head}\r\nContent-Length: 10\r\n\r\n`)
    await sleep(clock, 20)
    socket.write('{"a":1234}')
    const [text] = await new Promise<string[]>((resolve) =>
      socket.once('data', (part) => resolve([part.toString('latin1')])),
    )
    socket.destroy()
    assert.match(text ?? '', /^HTTP\/1\.1 200 /)
  }
  const seen = made.instances.flatMap((instance) => instance.seen)
  assert.ok(seen.length > attemptsPerCase, 'none met the dying instance')
  assert.deepEqual(new Set(seen.map(({ bytes }) => bytes)), new Set([10]))
})

test('a request is repeated only when it fits into 31 KiB', haproxy, async () => {
  await using made = await serving(['a', 'b'], mostlyDying)
  const statusesOf = async (bytes: number): Promise<Set<number>> => {
    const statuses = new Set<number>()
    for (let index = 0; index < attemptsPerCase; index++) {
      const options = { method: 'POST', headers: key, body: 'x'.repeat(bytes) }
      const lost = { status: 0 }
      statuses.add((await send(`${made.url}/orders?die=a`, options).catch(() => lost)).status)
    }
    return statuses
  }
  assert.deepEqual(await statusesOf(31_000), new Set([200]))
  assert.ok((await statusesOf(33_000)).has(502))
})

test('a command without a key goes elsewhere when nothing of it was sent', haproxy, async () => {
  await using made = await serving(['a', 'b'])
  const [a, b] = made.instances
  assert.ok(a !== undefined && b !== undefined)
  a.kill()
  await once(a.process, 'exit')
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => send(`${made.url}/notes`, { method: 'POST', body: '{}' })),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  await sleep(clock, settleMs)
  assert.equal(b.seen.length, 12)
})

test('a request that every instance dies of reaches three of them at most', haproxy, async () => {
  await using made = await serving(['a', 'b', 'c', 'd'])
  const { status, text } = await send(`${made.url}/orders?die=all`)
  await sleep(clock, settleMs)
  assert.equal(status, 502)
  assert.match(text, /"code":"HAPROXY_ANSWER_MISSING"/)
  assert.equal(made.instances.flatMap(({ seen }) => seen).length, 3)
})

test(
  'on a connection that was used before, a lost answer closes it, as the instance itself would',
  haproxy,
  async () => {
    await using made = await serving(['a', 'b'], mostlyDying)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const note = (path: string): ReturnType<typeof send> =>
      send(`${made.url}${path}`, { method: 'POST', body: '{}', agent })
    const lost: unknown[] = []
    for (let index = 0; index < attemptsPerCase; index++) {
      assert.equal((await note('/notes')).status, 200)
      await note('/notes?die=a').catch((error: unknown) => lost.push(error))
    }
    agent.destroy()
    assert.ok(lost.length > 0, 'none met the dying instance')
  },
)

test('without retries in the plan a lost answer stays lost', haproxy, async () => {
  await using made = await serving(['a', 'b'], { ...mostlyDying, retries: false })
  const sent = await sendAll(made.url, [{ method: 'GET', path: '/orders' }])
  assert.ok(sent.some(({ status }) => status === 502))
  for (const one of sent) assert.equal(sightings(made.instances, one), 1)
})
