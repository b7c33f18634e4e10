import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BanyanError, FakeClock, kernelBug, type LogLevel } from '../kernel/index.ts'
import { type AccessEntry, createMemorySink, Logs } from './index.ts'

const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true }

function createFixture(level: LogLevel = 'trace') {
  const clock = new FakeClock(1_000)
  const sink = createMemorySink()
  const logs = new Logs({ clock, sink, level, fields: { name: 'shop "1"' } })
  /** The fields of the newest line. */
  const newest = async (): Promise<Record<string, unknown>> => {
    await clock.advance(20)
    return JSON.parse(sink.lines.at(-1) ?? '') as Record<string, unknown>
  }
  return { clock, sink, logs, newest }
}

test('a line has the field names and level numbers of pino, and its trace', async () => {
  const { logs, newest, sink } = createFixture()
  logs.log('warn', { sku: 'A1', left: 0 }, 'nearly "out"', trace)
  assert.deepEqual(await newest(), {
    ...{ level: 40, time: 1_000, name: 'shop "1"', traceId: trace.traceId, spanId: trace.spanId },
    ...{ sku: 'A1', left: 0, msg: 'nearly "out"' },
  })
  const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
  for (const level of levels) logs.log(level, {}, level)
  await newest()
  const numbers = sink.lines.slice(1).map((line) => (JSON.parse(line) as { level: number }).level)
  assert.deepEqual(numbers, [10, 20, 30, 40, 50, 60])
})

test('lines below the level are not written, access lines included', async () => {
  const { logs, clock, sink } = createFixture('warn')
  logs.log('info', {}, 'quiet')
  logs.access({ ...entry, path: '/x' })
  logs.log('warn', {}, 'loud')
  await clock.advance(20)
  assert.equal(sink.lines.length, 1)
  assert.deepEqual([logs.isEnabled('info'), logs.isEnabled('warn')], [false, true])
})

const entry: AccessEntry = {
  ...{ trace, method: 'GET', path: '/stock/A1', operation: 'inventory.stock', status: 200 },
  ...{ durationMs: 1.23456, requestBytes: 0, responseBytes: 17, errorCode: '', subject: '' },
}

test('an access line is one JSON object, also for a hostile path and subject', async () => {
  const { logs, newest } = createFixture()
  logs.access(entry)
  assert.deepEqual(await newest(), {
    ...{ level: 30, time: 1_000, name: 'shop "1"', traceId: trace.traceId, spanId: trace.spanId },
    ...{ method: 'GET', path: '/stock/A1', operation: 'inventory.stock', status: 200 },
    ...{ durationMs: 1.235, requestBytes: 0, responseBytes: 17, msg: 'request' },
  })
  const hostile = '/"}\n{"level":60,\u2028\ud800\\'
  logs.access({ ...entry, path: hostile, subject: hostile, errorCode: 'CALL_FORBIDDEN' })
  const written = await newest()
  assert.equal(written['code'], 'CALL_FORBIDDEN')
  assert.equal(written['subject'], hostile)
  assert.equal(written['path'], hostile)
})

test('every line is one valid JSON object, for anything that fields may hold', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string(),
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
      ),
      fc.string(),
      (fields, message) => {
        const sink = createMemorySink()
        const logs = new Logs({ clock: new FakeClock(), sink, level: 'trace', fields: {} })
        logs.log('info', fields, message)
        void logs.flush()
        assert.equal(sink.lines.length, 1)
        const line: unknown = JSON.parse(sink.lines[0] ?? '')
        assert.equal((line as { msg: string }).msg, message)
      },
    ),
    { numRuns: 300 },
  )
})

test('what JSON cannot hold is described', async () => {
  const { logs, newest } = createFixture()
  const fields = {
    ...{ big: 5n, fn: () => 1, symbol: Symbol('x'), none: undefined, bytes: new Uint8Array(3) },
    ...{ date: new Date(0), noDate: new Date(Number.NaN), nan: Number.NaN },
    ...{
      map: new Map<unknown, unknown>([
        ['a', 1],
        [2n, { b: 1 }],
        [{}, 1],
      ]),
      set: new Set([1]),
    },
  }
  logs.log('info', fields, 'm')
  const line = await newest()
  assert.deepEqual(
    [line['big'], line['fn'], line['symbol'], line['bytes'], line['date'], line['noDate']],
    ['5', '[function]', '[symbol]', '[3 bytes]', '1970-01-01T00:00:00.000Z', '[invalid date]'],
  )
  assert.deepEqual(line['map'], { a: 1, 2: { b: 1 }, '[deeper]': 1 })
  assert.deepEqual(line['set'], [1])
  assert.equal(line['nan'], null)
  assert.equal('none' in line, false)
})

test('what throws when it is read is not thrown on', async () => {
  const { logs, newest } = createFixture()
  const hostile = {
    get field(): number {
      throw new Error('no')
    },
  }
  const proxy: unknown = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('no')
      },
    },
  )
  logs.log('info', { hostile, proxy, fine: 1 }, 'm')
  const line = await newest()
  assert.deepEqual(
    [line['hostile'], line['proxy'], line['fine']],
    ['[unreadable]', '[unreadable]', 1],
  )
  logs.log('info', hostile, 'm')
  assert.equal((await newest())['field'], '[unreadable]')
})

test('a graph full of circles ends: depth and number of values are bounded', async () => {
  const { logs, newest, sink } = createFixture()
  const nodes = Array.from({ length: 50 }, (): Record<string, unknown> => ({}))
  for (const node of nodes) for (const [index, other] of nodes.entries()) node[`n${index}`] = other
  logs.log('info', { graph: nodes[0] }, 'm')
  await newest()
  assert.ok((sink.lines[0]?.length ?? 0) < 200_000, `${sink.lines[0]?.length} characters`)
  logs.log('info', { list: Array.from({ length: 500 }, () => 1) }, 'm')
  assert.equal(((await newest())['list'] as unknown[]).length, 100)
})

test('an error is written with its type, stack, details and causes', async () => {
  const { logs, newest } = createFixture()
  const cause = new TypeError('the root')
  logs.log('error', { err: kernelBug({ cause: 'x' }, { cause }) }, 'm')
  const { err } = (await newest()) as { err: Record<string, unknown> & { cause: object } }
  assert.equal(err['type'], 'KERNEL_BUG')
  assert.match(String(err['stack']), /logs\.test/)
  assert.deepEqual(err['details'], { cause: 'x' })
  assert.equal((err.cause as { type?: string }).type, 'TypeError')
})

test('secret fields are never written, at any depth, in any case, in errors and maps too', async () => {
  const { logs, newest, sink } = createFixture()
  logs.redactFields(['cardNumber'])
  const inner = { PassWord: 'hidden', cardnumber: 'hidden', kept: 1 }
  const error = new BanyanError(
    { code: 'X_Y', kind: 'bug' },
    { message: 'm', fix: '' },
    { token: 'hidden' },
  )
  const map = new Map([['Secret', 'hidden']])
  logs.log('info', { Authorization: 'hidden', deep: { list: [{ inner }] }, error, map }, 'm')
  const line = await newest()
  assert.equal(sink.lines.at(-1)?.includes('hidden'), false)
  assert.equal(line['Authorization'], '[redacted]')
  assert.deepEqual(line['deep'], {
    list: [{ inner: { PassWord: '[redacted]', cardnumber: '[redacted]', kept: 1 } }],
  })
})

test('lines are joined into one write per 20 ms, or when 16 KiB have gathered', async () => {
  const clock = new FakeClock()
  const writes: string[] = []
  const sink = {
    write: (lines: string) => void writes.push(lines),
    flush: async () => {},
    droppedLines: 0,
  }
  const logs = new Logs({ clock, sink, level: 'info', fields: {} })
  logs.log('info', {}, 'a')
  logs.log('info', {}, 'b')
  assert.equal(writes.length, 0)
  await clock.advance(20)
  assert.equal(writes.length, 1)
  logs.log('info', {}, 'x'.repeat(17_000))
  assert.equal(writes.length, 2)
  logs.log('info', {}, 'c')
  await logs.flush()
  assert.equal(writes.length, 3)
  assert.ok(writes.every((lines) => lines.endsWith('\n')))
})

test('a flush waits a second for a sink that does not answer, not longer', async () => {
  const clock = new FakeClock()
  const sink = { write: () => {}, flush: () => new Promise<void>(() => {}), droppedLines: 0 }
  const logs = new Logs({ clock, sink, level: 'info', fields: {} })
  let isDone = false
  const flushed = logs.flush().then(() => (isDone = true))
  await clock.advance(999)
  assert.equal(isDone, false)
  await clock.advance(1)
  await flushed
})
