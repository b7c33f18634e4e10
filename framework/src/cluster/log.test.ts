import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createSystemClock } from '../kernel/index.ts'
import { becomes } from './cluster.fixture.ts'
import { endedLogsMax, pruneLogs, readLastLines, rotateLog } from './log-file.ts'
import { LogTail, type LogTailOptions } from './log-tail.ts'

class LogFolder implements Disposable {
  readonly root = mkdtempSync(path.join(tmpdir(), 'banyan-logs-'))
  readonly lines: string[] = []

  file(id: string): string {
    return path.join(this.root, `${id}.log`)
  }

  tail(options: Partial<LogTailOptions> = {}): LogTail {
    return new LogTail({
      clock: createSystemClock(),
      folder: this.root,
      onLine: (id, line) => this.lines.push(`${id} ${line}`),
      mayRead: () => true,
      ...options,
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A process that writes numbered lines as a child of the supervisor does: to an appending file. */
async function writeLines(file: string, count: number): Promise<void> {
  const program = `let n = 0
const write = () => {
  for (let i = 0; i < 100 && n < ${count}; i++) process.stdout.write('line ' + n++ + '\\n')
  if (n < ${count}) setTimeout(write, 5)
}
write()`
  const log = openSync(file, 'a')
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', log, log] })
  closeSync(log)
  await once(child, 'exit')
}

test('lines of several logs become one stream, each in its order, halves put together', async () => {
  using folder = new LogFolder()
  writeFileSync(folder.file('b'), 'before\n')
  const tail = folder.tail()
  tail.follow('a', folder.file('a'))
  tail.follow('b', folder.file('b'))
  appendFileSync(folder.file('a'), 'one\ntw')
  appendFileSync(folder.file('b'), 'eins\n')
  assert.equal(await becomes(2_000, () => folder.lines.length === 2), true)
  appendFileSync(folder.file('a'), 'o\nä')
  assert.equal(await becomes(2_000, () => folder.lines.length === 3), true)
  tail.leave('a')
  tail.close()
  assert.deepEqual([...folder.lines].sort(), ['a one', 'a two', 'a ä', 'b eins'])
})

test('a log is put away by size while its writer goes on, and no line is lost or shown twice', async () => {
  using folder = new LogFolder()
  const tail = folder.tail({ bytesMax: 4_000 })
  tail.follow('a', folder.file('a'))
  await writeLines(folder.file('a'), 10_000)
  assert.equal(await becomes(3_000, () => folder.lines.length >= 10_000), true)
  tail.close()
  assert.deepEqual(
    folder.lines,
    Array.from({ length: 10_000 }, (_, index) => `a line ${index}`),
  )
  assert.deepEqual(readdirSync(folder.root).sort(), ['a.log', 'a.log.1', 'a.log.2'])
})

test('a slow reader holds nothing up: lines wait in the file, and the file stays bounded', async () => {
  using folder = new LogFolder()
  let isOpen = false
  const tail = folder.tail({ bytesMax: 10_000, mayRead: () => isOpen })
  tail.follow('a', folder.file('a'))
  await writeLines(folder.file('a'), 1_000)
  assert.equal(folder.lines.length, 0)
  isOpen = true
  assert.equal(await becomes(2_000, () => folder.lines.length === 1_000), true)
  isOpen = false
  await writeLines(folder.file('a'), 10_000)
  assert.equal(await becomes(2_000, () => statSync(folder.file('a')).size < 40_000), true)
  tail.close()
})

test('what was put away is kept twice, and the newest lines are at hand for errors', () => {
  using folder = new LogFolder()
  const file = folder.file('a')
  for (const text of ['first\n', 'second\n', 'third\n']) {
    appendFileSync(file, text)
    assert.equal(rotateLog(file, 3), true)
  }
  assert.equal(rotateLog(file, 3), false)
  appendFileSync(file, 'a\nb\nc\n')
  assert.deepEqual(
    [file, `${file}.1`, `${file}.2`].map((name) => readFileSync(name, 'utf8')),
    ['a\nb\nc\n', 'third\n', 'second\n'],
  )
  assert.equal(readLastLines(file, 2), 'b\nc')
  assert.equal(readLastLines(folder.file('none')), '')
})

test('logs of ended processes are removed, the oldest first, those of running ones never', async () => {
  using folder = new LogFolder()
  for (let index = 0; index < endedLogsMax + 3; index++) {
    writeFileSync(folder.file(`sales-1-g${index}`), 'x')
    utimesSync(folder.file(`sales-1-g${index}`), 1_000 + index, 1_000 + index)
  }
  await pruneLogs(folder.root, (id) => id === 'sales-1-g0')
  assert.equal(existsSync(folder.file('sales-1-g0')), true)
  assert.equal(existsSync(folder.file('sales-1-g1')), false)
  assert.equal(existsSync(folder.file('sales-1-g2')), false)
  assert.equal(readdirSync(folder.root).length, endedLogsMax + 1)
})
