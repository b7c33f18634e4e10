import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFileSink, createMemorySink } from './index.ts'

function createFixture() {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-sink-'))
  const file = join(folder, 'log')
  const descriptor = openSync(file, 'w')
  return {
    descriptor,
    text: () => readFileSync(file, 'utf8'),
    [Symbol.dispose]() {
      closeSync(descriptor)
      rmSync(folder, { recursive: true })
    },
  }
}

test('a file sink writes everything, in order', async () => {
  using fixture = createFixture()
  const sink = createFileSink(fixture.descriptor)
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}\n`)
  for (const line of lines) sink.write(line)
  await sink.flush()
  assert.equal(fixture.text(), lines.join(''))
  assert.equal(sink.droppedLines, 0)
})

test('a sink whose reader is slow drops past 8 MiB, and counts the lines', async () => {
  using fixture = createFixture()
  const sink = createFileSink(fixture.descriptor)
  const megabyte = `${'x'.repeat(1024 * 1024)}\n`
  // nothing is written out before the event loop turns
  for (let count = 0; count < 12; count++) sink.write(megabyte)
  sink.write('one\ntwo\n')
  await sink.flush()
  assert.equal(fixture.text().split('\n').length - 1 + sink.droppedLines, 14)
  assert.ok(sink.droppedLines >= 4)
  sink.write('after\n')
  await sink.flush()
  assert.ok(fixture.text().endsWith('after\n'))
})

test('lines for a descriptor that takes none are counted as dropped, and nobody waits', async () => {
  using fixture = createFixture()
  const closed = openSync('/dev/null', 'w')
  closeSync(closed)
  assert.notEqual(closed, fixture.descriptor)
  const sink = createFileSink(closed)
  sink.write('one\n')
  sink.write('two\nthree\n')
  await sink.flush()
  assert.equal(sink.droppedLines, 3)
})

test('a pipe that nobody reads costs no processor time, and a flush waits a second at most', async () => {
  const sinkFile = new URL('./log-sink.ts', import.meta.url).href
  const script = `
    process.stdout.write('') // libuv makes the pipe refuse instead of wait
    const { createFileSink } = await import(${JSON.stringify(sinkFile)})
    const sink = createFileSink(1)
    sink.write('x'.repeat(4_000_000))
    const before = process.cpuUsage()
    const startMs = performance.now()
    await sink.flush()
    const { user, system } = process.cpuUsage(before)
    const waitedMs = performance.now() - startMs
    process.stderr.write(JSON.stringify({ waitedMs, cpuMs: (user + system) / 1000 }))
    process.exit()`
  const flags = ['--conditions=source', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
  const text: string[] = []
  child.stderr.on('data', (chunk) => text.push(String(chunk)))
  const closed = once(child.stderr, 'close')
  await closed
  child.stdout.destroy()
  const { waitedMs, cpuMs } = JSON.parse(text.join('')) as { waitedMs: number; cpuMs: number }
  assert.ok(waitedMs >= 900 && waitedMs < 3_000, `waited ${waitedMs} ms`)
  assert.ok(cpuMs < 400, `used ${cpuMs} ms of processor time`)
})

test('a memory sink keeps the newest lines', async () => {
  const sink = createMemorySink(3)
  sink.write('1\n2\n')
  sink.write('3\n4\n')
  await sink.flush()
  assert.deepEqual(sink.lines, ['2', '3', '4'])
})
