import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { httpListenFailed } from '../http/index.ts'
import { startInstance } from './instance.ts'
import { clockworkApplication, instanceOptions } from './runtime.fixture.ts'

const listen = { host: '127.0.0.1', port: 0 }

test('an instance listens, answers, and after stop neither listens nor answers', async () => {
  const instance = await startInstance({ ...instanceOptions(clockworkApplication()), listen })
  const url = `${instance.http?.url}/now`
  const { now } = (await (await fetch(url)).json()) as { now: number }
  assert.ok(now > 1_600_000_000_000)
  await instance.stop()
  await assert.rejects(fetch(url))
})

test('stopping is idempotent, also when it is asked for twice at once', async () => {
  const instance = await startInstance({ ...instanceOptions(clockworkApplication()), listen })
  await Promise.all([instance.stop(), instance.stop()])
  await instance[Symbol.asyncDispose]()
})

test('the seed runs before anybody can call, and only when it is asked for', async () => {
  const events: string[] = []
  const declared = clockworkApplication({
    seed: async () => {
      await new Promise<void>((resolve) => void setImmediate(resolve))
      events.push('seeded')
    },
  })
  const quiet = await startInstance(instanceOptions(declared))
  await quiet.stop()
  assert.equal(events.length, 0)
  const instance = await startInstance({ ...instanceOptions(declared), listen, seed: true })
  events.push('listening')
  await instance.stop()
  assert.deepEqual(events, ['seeded', 'listening'])
})

test('a seed that fails keeps the instance from starting', async () => {
  const declared = clockworkApplication({
    seed: () => Promise.reject(new Error('no seed in the bag')),
  })
  await assert.rejects(startInstance({ ...instanceOptions(declared), seed: true }))
})

test('stopping goes in order: the listener first, then schedules, the log last', async () => {
  const events: string[] = []
  let finish = (): void => {}
  const declared = clockworkApplication({
    schedules: {
      tick: {
        every: '100ms',
        run: () =>
          new Promise((resolve) => {
            events.push('running')
            finish = resolve
          }),
      },
    },
  })
  const options = instanceOptions(declared)
  const instance = await startInstance({ ...options, listen })
  while (events.length === 0) await new Promise<void>((resolve) => void setTimeout(resolve, 20))
  const url = `${instance.http?.url}/now`
  const stopped = instance.stop().then(() => events.push('stopped'))
  while (
    await fetch(url).then(
      () => true,
      () => false,
    )
  ) {
    await new Promise<void>((resolve) => void setTimeout(resolve, 20))
  }
  assert.deepEqual(events, ['running'])
  finish()
  await stopped
  assert.deepEqual(events, ['running', 'stopped'])
})

test('an instance that cannot listen stops what it had started', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  let runs = 0
  const declared = clockworkApplication({
    schedules: { tick: { every: '100ms', run: async () => void runs++ } },
  })
  const starting = startInstance({ ...instanceOptions(declared), listen: { ...listen, port } })
  await assert.rejects(starting, (error) => httpListenFailed.is(error))
  server.close()
  const seen = runs
  await new Promise<void>((resolve) => void setTimeout(resolve, 250))
  assert.equal(runs, seen)
})
