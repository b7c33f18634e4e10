import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { createSystemClock, FakeClock } from '../kernel/index.ts'
import { Metrics } from '../telemetry/index.ts'
import { createThreadPool, type ThreadPool, type ThreadPoolOptions } from './index.ts'
import type { Input } from './tasks-worker.fixture.ts'

const fixture = new URL('./tasks-worker.fixture.ts', import.meta.url)

function pool(
  t: TestContext,
  options: Partial<ThreadPoolOptions> = {},
): ThreadPool<Input, unknown> {
  const created = createThreadPool<Input, unknown>({
    ...{ name: 'test', module: fixture, threads: 1, queueMax: 10, timeoutMs: 20_000 },
    ...{ memoryMbMax: 32, ...options },
  })
  t.after(() => created.close({ deadlineMs: 1 }))
  return created
}

/** A task that runs until it is let go. */
function holder(): {
  input: Input
  running: (count: number) => Promise<void>
  release: () => void
} {
  const shared = new SharedArrayBuffer(8)
  const flags = new Int32Array(shared)
  return {
    input: { do: 'wait', flags: shared },
    async running(count) {
      for (let seen = Atomics.load(flags, 0); seen < count; seen = Atomics.load(flags, 0)) {
        await Atomics.waitAsync(flags, 0, seen).value
      }
    },
    release() {
      Atomics.store(flags, 1, 1)
      Atomics.notify(flags, 1)
    },
  }
}

const double = (value: number): Input => ({ do: 'double', value })

test('a thousand tasks on four threads each give their own answer', async (t) => {
  const threads = pool(t, { threads: 4, queueMax: 1_000 })
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => threads.run(double(index))),
  )
  assert.deepEqual(
    answers,
    Array.from({ length: 1_000 }, (_, index) => index * 2),
  )
})

test('a task that never ends is ended, and its thread is replaced', async (t) => {
  const threads = pool(t)
  await threads.run(double(1))
  await assert.rejects(threads.run({ do: 'loop' }, { timeoutMs: 50 }), {
    code: 'THREADS_TIMEOUT',
    details: { pool: 'test', timeoutMs: 50 },
  })
  assert.equal(await threads.run(double(4)), 8)
})

test('a task that exhausts the memory of its thread fails alone, and the process lives on', async (t) => {
  const threads = pool(t, { threads: 2 })
  const [bad, good] = await Promise.allSettled([
    threads.run({ do: 'exhaust' }),
    threads.run(double(2)),
  ])
  assert.equal(good.status === 'fulfilled' && good.value, 4)
  assert.ok(bad.status === 'rejected')
  assert.equal(bad.reason.code, 'THREADS_DIED')
  assert.match(bad.reason.message, /memory/i)
  assert.equal(await threads.run(double(5)), 10)
})

test('a thread that exits under its task is replaced', async (t) => {
  const threads = pool(t)
  await assert.rejects(threads.run({ do: 'exit' }), {
    code: 'THREADS_DIED',
    details: { pool: 'test', cause: 'it exited with code 3' },
  })
  assert.equal(await threads.run(double(5)), 10)
})

test('what a task throws reaches its caller with its stack, and the thread stays', async (t) => {
  const metrics = new Metrics()
  const threads = pool(t, { telemetry: { metrics } })
  await assert.rejects(threads.run({ do: 'throw' }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'THREADS_TASK_FAILED')
    assert.match(error.message, /RangeError: no such page/)
    assert.match((error.cause as Error).stack ?? '', /tasks-worker\.fixture/)
    return true
  })
  assert.equal(await threads.run(double(5)), 10)
  assert.match(metrics.text(), /banyan_threads_ended_total\{pool="test"\} 0/)
})

test('a coded error keeps its code, its kind and its details on the way out of a thread', async (t) => {
  await assert.rejects(pool(t).run({ do: 'refuse' }), {
    code: 'FIXTURE_PAGE_INVALID',
    kind: 'invalid',
    details: { page: 7 },
    fix: 'Turn it.',
    message: 'page 7 is not a page',
  })
})

test('more tasks than threads and places are refused, in order and without harm', async (t) => {
  const metrics = new Metrics()
  const threads = pool(t, { threads: 2, queueMax: 3, telemetry: { metrics } })
  const held = holder()
  const running = [threads.run(held.input), threads.run(held.input)]
  const order: number[] = []
  const waiting = [1, 2, 3].map((value) =>
    threads.run(double(value)).then((answer) => void order.push(Number(answer))),
  )
  await assert.rejects(threads.run(double(9)), { code: 'THREADS_BUSY', kind: 'exhausted' })
  assert.match(metrics.text(), /banyan_threads_busy\{pool="test"\} 2/)
  assert.match(metrics.text(), /banyan_threads_waiting\{pool="test"\} 3/)
  assert.match(metrics.text(), /banyan_threads_refused_total\{pool="test"\} 1/)
  await held.running(2)
  held.release()
  await Promise.all([...running, ...waiting])
  // two threads: the first two end in either order, the third begins when one of them has ended
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    [2, 4, 6],
  )
  assert.notEqual(order[0], 6)
  assert.match(metrics.text(), /banyan_threads_busy\{pool="test"\} 0/)
})

test('who gives up while waiting leaves its place, and while running ends the thread', async (t) => {
  const threads = pool(t, { queueMax: 1 })
  const held = holder()
  const first = new AbortController()
  const second = new AbortController()
  const running = threads.run(held.input, { signal: first.signal })
  const waiting = threads.run(double(1), { signal: second.signal })
  second.abort(new Error('not wanted'))
  await assert.rejects(waiting, /not wanted/)
  const next = threads.run(double(2))
  await held.running(1)
  first.abort(new Error('enough'))
  await assert.rejects(running, /enough/)
  assert.equal(await next, 4)
  await assert.rejects(
    threads.run(double(1), { signal: AbortSignal.abort(new Error('late')) }),
    /late/,
  )
})

test('buffers are moved in both directions where the caller and the task say so', async (t) => {
  const threads = pool(t)
  const kept = new Uint8Array(1_000)
  assert.equal(await threads.run({ do: 'take', bytes: kept }), 1_000)
  assert.equal(kept.byteLength, 1_000)
  const moved = new Uint8Array([1, 2, 3])
  const back = await threads.run({ do: 'give', bytes: moved }, { transfer: [moved.buffer] })
  assert.equal(moved.byteLength, 0)
  assert.deepEqual(back, new Uint8Array([1, 2, 3]))
})

test('what cannot be copied is refused in both directions, and the thread stays', async (t) => {
  const threads = pool(t)
  const code = 'THREADS_VALUE_UNCLONEABLE'
  await assert.rejects(threads.run({ do: 'double', value: (() => 1) as never }), { code })
  await assert.rejects(threads.run({ do: 'uncloneable' }), { code })
  assert.equal(await threads.run(double(3)), 6)
})

test('a message that a library writes to the port of the thread is no answer', async (t) => {
  assert.equal(await pool(t).run({ do: 'babble' }), 'done')
})

test('a module without a task, or that is not there, is said', async (t) => {
  const empty = pool(t, { module: new URL('data:text/javascript,export const walk = 1') })
  await assert.rejects(empty.run(double(1)), {
    code: 'THREADS_MODULE_INVALID',
    message: /exports no function called "run"/,
  })
  const missing = pool(t, { module: new URL('./nowhere.ts', import.meta.url) })
  await assert.rejects(missing.run(double(1)), {
    code: 'THREADS_MODULE_INVALID',
    message: /nowhere/,
  })
})

test('options outside their ranges are refused when the pool is made', async (t) => {
  const wrong = { threads: 65, queueMax: -1, timeoutMs: 0.5, memoryMbMax: 1, idleMs: 0 }
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => pool(t, { [name]: value }), {
      code: 'THREADS_OPTIONS_INVALID',
      message: new RegExp(`${name} is ${value}`),
    })
  }
  await assert.rejects(pool(t).run(double(1), { timeoutMs: 0 }), {
    code: 'THREADS_OPTIONS_INVALID',
  })
})

test('close lets tasks finish until its deadline, then fails the rest', async (t) => {
  const threads = pool(t)
  const held = holder()
  const running = threads.run(held.input)
  const waiting = threads.run(double(1))
  await held.running(1)
  const closed = threads.close({ deadlineMs: 50 })
  await assert.rejects(threads.run(double(1)), { code: 'THREADS_CLOSED' })
  const outcomes = await Promise.allSettled([running, waiting])
  for (const outcome of outcomes) {
    assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'THREADS_CLOSED')
  }
  await closed
})

test('close waits for the tasks that are under way', async (t) => {
  const threads = pool(t)
  const answers = Promise.all([threads.run(double(1)), threads.run(double(2))])
  await threads.close()
  assert.deepEqual(await answers, [2, 4])
})

test('a thread without work ends after a while, and another is started when work comes', async (t) => {
  const clock = new FakeClock()
  const metrics = new Metrics()
  const threads = pool(t, { clock, idleMs: 1_000, telemetry: { metrics } })
  await threads.run(double(1))
  await clock.advance(999)
  assert.match(metrics.text(), /ended_total\{pool="test"\} 0/)
  await clock.advance(1)
  for (const system = createSystemClock(), startMs = system.monotonicMs(); ; ) {
    if (/ended_total\{pool="test"\} 1/.test(metrics.text())) break
    assert.ok(system.monotonicMs() - startMs < 5_000, 'the thread did not end')
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(await threads.run(double(2)), 4)
})

test('idle threads keep no process alive', () => {
  const door = new URL('./index.ts', import.meta.url).href
  const program = `import('${door}').then(async ({ createThreadPool }) => {
    const pool = createThreadPool({ name: 'p', module: new URL('${fixture.href}'), threads: 2,
      queueMax: 1, timeoutMs: 10_000, memoryMbMax: 32, idleMs: 3_600_000 })
    console.log(await pool.run({ do: 'double', value: 21 }))
  })`
  const child = spawnSync(
    process.execPath,
    ['--conditions=source', '--no-warnings', '-e', program],
    {
      timeout: 10_000,
      encoding: 'utf8',
    },
  )
  assert.deepEqual([child.status, child.stdout], [0, '42\n'], child.stderr)
})
