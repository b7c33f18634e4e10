import assert from 'node:assert/strict'
import { chmod, cp, lstat, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { type Binaries, findBinaries } from './binaries.ts'
import {
  clock,
  hasEnded,
  isRoot,
  nobody,
  query,
  startOwner,
  testFolder,
  usedFolder,
} from './fixture.ts'
import { postgresEmbeddedFolderUnusable, startEmbeddedPostgres } from './index.ts'
import { listLaunchers } from './launcher.ts'
import { startWith } from './start.ts'

const needsRoot = isRoot ? false : 'SKIPPED: only root can act as another account'

async function uidOf(path: string): Promise<number> {
  return (await stat(path)).uid
}

describe('as an ordinary user', () => {
  test('on a checkout that belongs to root, first and second start work', async (t) => {
    if (needsRoot !== false) t.diagnostic('running as the current, ordinary user')
    await using folder = await testFolder()
    const options = isRoot ? { account: nobody } : {}
    for (let start = 0; start < 2; start++) {
      using owner = startOwner(folder.path, options)
      const answer = await owner.next()
      assert.equal(answer['code'], undefined, String(answer['message']))
      assert.deepEqual(await query({ url: String(answer['url']) }, 'select 1 as one'), [{ one: 1 }])
      owner.process.kill('SIGKILL')
      assert.ok(await hasEnded(Number(answer['pid']), join(folder.path, 'data'), 5_000))
    }
    if (isRoot) assert.equal(await uidOf(join(folder.path, 'data')), nobody.uid)
  })

  test("another user's folder is refused by its name", { skip: needsRoot }, async () => {
    await using folder = await usedFolder()
    await using _server = await startEmbeddedPostgres({
      folder: folder.path,
      clock,
      durability: 'test',
    })
    using owner = startOwner(folder.path, { account: nobody })
    const answer = await owner.next()
    assert.equal(answer['code'], postgresEmbeddedFolderUnusable.code)
    assert.match(String(answer['message']), /EACCES/)
  })
})

describe('as root', { skip: needsRoot }, () => {
  test('data of an ordinary user is served as that user', async () => {
    await using folder = await testFolder()
    using owner = startOwner(folder.path, { account: nobody })
    const answer = await owner.next()
    owner.process.kill('SIGKILL')
    await owner.ended()
    await using server = await startEmbeddedPostgres({ folder: folder.path, clock })
    assert.notEqual(server.pid, answer['pid'])
    assert.equal(await uidOf(`/proc/${server.pid}`), nobody.uid)
    assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }])
  })

  test('where user namespaces are refused, an account takes over, also of older data', async () => {
    await using folder = await usedFolder()
    const options = { folder: folder.path, clock, durability: 'test' } as const
    const first = await startEmbeddedPostgres(options)
    await query(first, 'create table kept (a int); insert into kept values (7)')
    await first.stop()
    const accountsOnly: typeof listLaunchers = async (layout) =>
      (await listLaunchers(layout)).filter((launcher) => launcher.prefix.length === 0)
    const parts = { findBinaries, listLaunchers: accountsOnly, transport: 'socket' } as const
    await using fresh = await testFolder()
    for (const path of [folder.path, fresh.path]) {
      const server = await startWith({ ...options, folder: path }, parts)
      assert.notEqual(await uidOf(`/proc/${server.pid}`), 0)
      assert.equal(await uidOf(path), await uidOf(`/proc/${server.pid}`))
      if (path === folder.path) {
        assert.deepEqual(await query(server, 'select a from kept'), [{ a: 7 }])
      }
      await server.stop()
      assert.ok(!(await readdir(path)).includes('lock'))
    }
  })
})

describe('a package whose install script did not run', () => {
  const copyWithoutLinks = async (to: string): Promise<Binaries> => {
    const { postgres } = await findBinaries()
    const native = dirname(dirname(postgres))
    const filter = async (path: string): Promise<boolean> => !(await lstat(path)).isSymbolicLink()
    await cp(native, join(to, 'native'), { recursive: true, filter })
    const bin = join(to, 'native', 'bin')
    return {
      postgres: join(bin, 'postgres'),
      initdb: join(bin, 'initdb'),
      pgCtl: join(bin, 'pg_ctl'),
    }
  }

  test('is completed in place, by two starts at once', async () => {
    await using folder = await testFolder('disk')
    const binaries = await copyWithoutLinks(folder.parent)
    const parts = {
      findBinaries: async () => binaries,
      listLaunchers,
      transport: 'socket',
    } as const
    const start = (name: string): ReturnType<typeof startWith> =>
      startWith({ folder: join(folder.parent, name), clock, durability: 'test' }, parts)
    const [one, two] = await Promise.all([start('one'), start('two')])
    assert.ok(
      !(await readdir(join(folder.parent, 'one'))).some((name) => name.startsWith('native')),
    )
    await Promise.all([one.stop(), two.stop()])
  })

  test('is copied once when it cannot be written', async () => {
    await using folder = await testFolder('disk')
    const binaries = await copyWithoutLinks(folder.parent)
    const lib = join(folder.parent, 'native', 'lib')
    await chmod(lib, 0o555)
    const before = await readdir(lib)
    const options = { binaries, ...(isRoot ? { account: nobody } : {}) }
    const copies: string[] = []
    for (let start = 0; start < 2; start++) {
      using owner = startOwner(folder.path, options)
      const answer = await owner.next()
      assert.equal(answer['code'], undefined, String(answer['message']))
      const names = (await readdir(folder.path)).filter((name) => name.startsWith('native-'))
      assert.equal(names.length, 1)
      const [name = ''] = names
      copies.push(`${name} ${(await stat(join(folder.path, name))).ino}`)
      owner.process.kill('SIGKILL')
      assert.ok(await hasEnded(Number(answer['pid']), join(folder.path, 'data'), 5_000))
    }
    assert.equal(copies[0], copies[1])
    assert.deepEqual(await readdir(lib), before)
    await chmod(lib, 0o755)
  })
})
