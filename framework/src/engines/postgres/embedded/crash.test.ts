import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { findBinaries } from './binaries.ts'
import { clock, hasEnded, query, startOwner, testFolder, usedFolder } from './fixture.ts'
import {
  type EmbeddedPostgres,
  postgresEmbeddedFolderInUse,
  startEmbeddedPostgres,
} from './index.ts'
import { chooseLauncher, listLaunchers } from './launcher.ts'
import { openLayout } from './layout.ts'
import { Postmaster } from './postmaster.ts'
import { reportsReady } from './readiness.ts'
import { waitUntil } from './startup.ts'

const orphanTimeoutMs = 5_000

function startForTest(folder: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ folder, clock, durability: 'test' })
}

/** A process that has nothing to do with PostgreSQL. */
function startBystander(): ChildProcess & Disposable {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  return Object.assign(child, { [Symbol.dispose]: () => void child.kill('SIGKILL') })
}

describe('after the server was killed', () => {
  test('the folder is free again and the next start recovers what was committed', async () => {
    await using folder = await usedFolder()
    const first = await startEmbeddedPostgres({ folder: folder.path, clock })
    await query(first, 'create table kept (a int); insert into kept values (7)')
    process.kill(first.pid, 'SIGKILL')
    assert.equal((await first.exited).signal, 'SIGKILL')
    await using second = await startForTest(folder.path)
    assert.deepEqual(await query(second, 'select a from kept'), [{ a: 7 }])
  })
})

describe('after our process was killed', () => {
  test('the server ends by itself, the lock goes, and the next start works', async () => {
    await using folder = await usedFolder()
    using owner = startOwner(folder.path)
    const { pid, url } = await owner.next()
    await query({ url: String(url) }, 'create table kept (a int); insert into kept values (7)')
    owner.process.kill('SIGKILL')
    assert.ok(await hasEnded(Number(pid), join(folder.path, 'data'), orphanTimeoutMs))
    const isUnlocked = async (): Promise<boolean> => !(await readdir(folder.path)).includes('lock')
    assert.ok(await waitUntil(clock, orphanTimeoutMs, isUnlocked))
    await using server = await startForTest(folder.path)
    assert.deepEqual(await query(server, 'select a from kept'), [{ a: 7 }])
  })

  test('a start at once does not wait for the watchdog', async () => {
    await using folder = await usedFolder()
    using owner = startOwner(folder.path)
    const { pid } = await owner.next()
    owner.process.kill('SIGKILL')
    await owner.ended()
    await using server = await startForTest(folder.path)
    assert.notEqual(server.pid, pid)
    assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
  })

  test('a process that just ends without stopping leaves no server behind', async () => {
    await using folder = await usedFolder()
    using owner = startOwner(folder.path, { mode: 'leave' })
    const { pid } = await owner.next()
    assert.equal(await owner.ended(), 0)
    assert.ok(await hasEnded(Number(pid), join(folder.path, 'data'), orphanTimeoutMs))
  })

  test('Ctrl-C in the terminal does not reach the server before we stop it', async () => {
    await using folder = await usedFolder()
    using owner = startOwner(folder.path)
    const { pid } = await owner.next()
    process.kill(-Number(owner.process.pid), 'SIGINT')
    assert.deepEqual(await owner.next(), { exit: 'serving' })
    assert.equal(await owner.ended(), 0)
    assert.ok(await hasEnded(Number(pid), join(folder.path, 'data'), 0))
    assert.ok(!(await readdir(folder.path)).includes('lock'))
  })

  test('with the watchdog killed as well, the next start stops the orphan first', async (t) => {
    await using folder = await usedFolder()
    using owner = startOwner(folder.path)
    const { pid } = await owner.next()
    const watchdog = await findWatchdog(folder.path)
    if (watchdog === undefined) return t.skip('/proc is needed to find the watchdog')
    process.kill(watchdog, 'SIGKILL')
    owner.process.kill('SIGKILL')
    await owner.ended()
    assert.ok(!(await hasEnded(Number(pid), join(folder.path, 'data'), 300)))
    const steps: string[] = []
    const report = (step: string): void => void steps.push(step)
    await using server = await startEmbeddedPostgres({ folder: folder.path, clock, report })
    assert.ok(steps.some((step) => step.startsWith(`stopping the server ${Number(pid)}`)))
    assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
  })
})

describe('leftovers', () => {
  test("a server's lock file whose process id now belongs to another is no obstacle", async () => {
    await using folder = await usedFolder()
    using bystander = startBystander()
    const data = join(folder.path, 'data')
    const socket = join(folder.path, 'socket')
    await mkdir(socket, { mode: 0o700 })
    const text = `${bystander.pid}\n${data}\n1700000000\n5432\n${socket}\n\n  1 1\nready   \n`
    await writeFile(join(data, 'postmaster.pid'), text)
    await writeFile(join(socket, '.s.PGSQL.5432.lock'), text)
    await writeFile(join(socket, '.s.PGSQL.5432'), '')
    await using server = await startForTest(folder.path)
    assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
    assert.equal(bystander.exitCode, null)
  })

  test('an empty lock file of the server, left by a full disk, is no obstacle', async () => {
    await using folder = await usedFolder()
    await writeFile(join(folder.path, 'data', 'postmaster.pid'), '')
    await using _server = await startForTest(folder.path)
  })

  test('a half-made cluster of ours is removed and made anew', async () => {
    await using folder = await testFolder()
    const draft = join(folder.path, 'data-draft-Xy12Zz')
    await mkdir(draft, { recursive: true })
    await writeFile(join(draft, 'PG_VERSION'), '18\n')
    await using _server = await startForTest(folder.path)
    assert.deepEqual((await readdir(folder.path)).toSorted(), [
      'data',
      'lock',
      'postgres.log',
      'socket',
    ])
  })
})

describe('several at once', () => {
  test('of processes that start on one folder exactly one wins, the others name it', async () => {
    await using folder = await testFolder()
    using first = startOwner(folder.path)
    using second = startOwner(folder.path)
    using third = startOwner(folder.path)
    const owners = [first, second, third]
    const answers = await Promise.all(owners.map((owner) => owner.next()))
    const winners = owners.filter((_, index) => 'pid' in (answers[index] ?? {}))
    assert.equal(winners.length, 1)
    for (const answer of answers.filter((one) => !('pid' in one))) {
      assert.equal(answer['code'], postgresEmbeddedFolderInUse.code)
      assert.match(String(answer['message']), new RegExp(`process ${winners[0]?.process.pid}$`))
    }
  })

  test('a server that somebody started by hand on the data is left alone', async () => {
    await using folder = await usedFolder()
    const layout = await openLayout(folder.path)
    const binaries = await findBinaries()
    const surroundings = { layout, binaries, clock }
    const { launcher } = await chooseLauncher(await listLaunchers(layout), surroundings)
    const foreign = new Postmaster({
      clock,
      launcher,
      binaries,
      data: layout.data,
      args: ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder.path}`],
      logFile: join(folder.path, 'by-hand.log'),
      holderFile: join(folder.parent, 'none'),
    })
    const isReady = (): Promise<boolean> => reportsReady(layout.data, foreign.pid)
    assert.ok(await waitUntil(clock, 5_000, isReady))
    await assert.rejects(startForTest(folder.path), (error) => {
      assert.ok(postgresEmbeddedFolderInUse.is(error))
      assert.equal(error.details.pid, foreign.pid)
      return true
    })
    assert.equal(foreign.exit, undefined)
    assert.ok(await foreign.end(5_000))
    await using _server = await startForTest(folder.path)
  })
})

async function findWatchdog(folder: string): Promise<number | undefined> {
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    if (command.startsWith('/bin/sh') && command.includes(`${folder}/lock/holder-`)) {
      return Number(name)
    }
  }
  return undefined
}
