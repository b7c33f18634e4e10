import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { clock } from './gateway.fixture.ts'
import { GatewayFolder } from './gateway-folder.ts'
import { LogFollower } from './log-follower.ts'
import { waitUntil } from './wait-until.ts'

test('lines are handed on whole, from the moment of the start, and a full log is put aside', async () => {
  const path = await mkdtemp(join(tmpdir(), 'banyan-log-'))
  try {
    const folder = await GatewayFolder.open(path)
    const log = folder.pathOf('log')
    const lines: string[] = []
    const linesAre = async (count: number): Promise<void> => {
      const options = { clock, timeoutMs: 3_000, everyMs: 20 }
      await waitUntil(options, async () => (lines.length >= count ? true : undefined))
    }
    await appendFile(log, 'before\n')
    const follower = new LogFollower(folder, { clock, onLine: (line) => void lines.push(line) })
    await follower.start()
    await appendFile(log, 'one\ntw')
    await linesAre(1)
    await appendFile(log, 'o\n')
    await linesAre(2)
    assert.deepEqual(lines, ['one', 'two'])
    await appendFile(log, `${'x'.repeat(1_023)}\n`.repeat(9 * 1_024))
    const isEmptied = await waitUntil({ clock, timeoutMs: 3_000, everyMs: 20 }, async () =>
      (await stat(log)).size === 0 ? true : undefined,
    )
    assert.equal(isEmptied, true)
    assert.ok((await readFile(folder.pathOf('oldLog'), 'utf8')).startsWith('before\none\n'))
    await appendFile(log, 'after\n')
    await follower.stop()
    assert.equal(lines.at(-1), 'after')
  } finally {
    await rm(path, { recursive: true })
  }
})
