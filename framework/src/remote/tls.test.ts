import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createSeededRandom, createSystemClock, FakeClock } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { remoteCertificatesInvalid } from './errors.ts'
import { eventually } from './listener.fixture.ts'
import { serviceOfCertificate } from './peer-tls.ts'
import { spiffeId, TestAuthority } from './tls.fixture.ts'
import { findMaterialError, watchCertificates } from './tls.ts'

const authority = new TestAuthority(['sales', 'edge'])
after(() => authority[Symbol.dispose]())

/** A folder of its own that holds the set of one certificate under the name `sales`. */
function folderOf(name: string, from = 'sales'): string {
  const path = join(authority.path, name)
  mkdirSync(path)
  write(path, from)
  return path
}

function write(path: string, from: string, ca = 'authority'): void {
  const { key, cert, ca: authorities } = authority.material(from, ca)
  for (const [file, text] of [
    ['sales.key', key],
    ['sales.crt', cert],
    ['authority.crt', authorities],
  ] as const) {
    writeFileSync(join(path, `${file}.draft`), text)
    renameSync(join(path, `${file}.draft`), join(path, file))
  }
}

test('certificates are read, and read again when the file system says that they changed', async () => {
  const folder = folderOf('watched')
  const clock = createSystemClock()
  await using source = await watchCertificates({ folder, service: 'sales', clock })
  assert.deepEqual(source.current(), authority.material('sales'))
  let changes = 0
  const unwatch = source.watch(() => void changes++)
  authority.folder.issue('renewed', { id: spiffeId('sales') })
  write(folder, 'renewed')
  await eventually(() => changes > 0, 'a change')
  assert.deepEqual(source.current(), authority.material('renewed'))
  unwatch()
  const seen = changes
  write(folder, 'sales')
  await eventually(() => source.current().cert === authority.read('sales.crt'), 'another change')
  assert.equal(changes, seen)
})

test('a set that does not fit together is left alone until it does, and said once', async () => {
  const folder = folderOf('partial')
  const clock = new FakeClock()
  const sink = createMemorySink()
  const random = createSeededRandom(1)
  const telemetry = createTelemetry({ clock, random, service: 'test', sink })
  await using source = await watchCertificates({ folder, service: 'sales', clock, telemetry })
  let changes = 0
  source.watch(() => void changes++)
  const before = source.current()
  const next = authority.material('edge')
  const poll = async (): Promise<void> => {
    await clock.advance(5_000)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  writeFileSync(join(folder, 'sales.key'), next.key)
  await poll()
  writeFileSync(join(folder, 'sales.crt'), next.cert.slice(0, 100))
  await poll()
  await poll()
  writeFileSync(join(folder, 'sales.crt'), '')
  await poll()
  assert.equal(source.current(), before)
  assert.equal(changes, 0)
  writeFileSync(join(folder, 'sales.crt'), next.cert)
  await poll()
  assert.deepEqual(source.current(), next)
  assert.equal(changes, 1)
  await telemetry.logs.flush()
  const said = sink.lines.filter((line) => line.includes(remoteCertificatesInvalid.code))
  assert.ok(said.length >= 2 && said.length <= 4, said.join('\n'))
  assert.match(said[0] ?? '', /the key does not belong to the certificate/)
})

test('without a usable set nothing starts', async () => {
  const clock = createSystemClock()
  const { folder: certificates } = authority
  certificates.authority('foreign')
  certificates.issue('foreign-sales', { id: spiffeId('sales'), authority: 'foreign' })
  certificates.issue('expired-sales', { id: spiffeId('sales'), daysLeft: -1 })
  const cases: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
    ['missing', (folder) => renameSync(join(folder, 'sales.key'), join(folder, 'x')), /ENOENT/],
    [
      'mixed',
      (folder) => writeFileSync(join(folder, 'sales.key'), authority.read('edge.key')),
      /does not belong/,
    ],
    ['empty', (folder) => writeFileSync(join(folder, 'sales.crt'), ''), /holds no certificate/],
    ['foreign', (folder) => write(folder, 'foreign-sales'), /not issued by the authority/],
    ['expired', (folder) => write(folder, 'expired-sales'), /expired on/],
    [
      'junk',
      (folder) => writeFileSync(join(folder, 'sales.key'), 'junk'),
      /DECODER|PEM|unsupported/i,
    ],
  ]
  for (const [name, spoil, message] of cases) {
    const folder = folderOf(`bad-${name}`)
    spoil(folder)
    const { code } = remoteCertificatesInvalid
    await assert.rejects(watchCertificates({ folder, service: 'sales', clock }), { code, message })
  }
  const good = authority.material('sales')
  assert.equal(findMaterialError(good, clock.nowMs()), undefined)
  assert.match(findMaterialError(good, clock.nowMs() + 2 * 86_400_000) ?? '', /expired on/)
  const two = { ...good, ca: authority.read('foreign.crt') + good.ca }
  assert.equal(findMaterialError(two, clock.nowMs()), undefined)
})

test('a source that is disposed holds no file and no timer', async () => {
  const folder = folderOf('disposed')
  const before = readdirSync('/proc/self/fd').length
  const clock = new FakeClock()
  const source = await watchCertificates({ folder, service: 'sales', clock })
  let changes = 0
  source.watch(() => void changes++)
  await source[Symbol.asyncDispose]()
  write(folder, 'edge')
  await clock.advance(60_000)
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(changes, 0)
  await eventually(() => readdirSync('/proc/self/fd').length <= before, 'open files as before')
})

test('names that could be read as several are not read at all', () => {
  const read = (names: string | undefined): unknown => serviceOfCertificate(names, 'shop')
  assert.deepEqual(read('URI:spiffe://shop/sales'), { service: 'sales' })
  assert.deepEqual(read('DNS:localhost, URI:spiffe://shop/sales, IP Address:127.0.0.1'), {
    service: 'sales',
  })
  for (const names of [
    undefined,
    '',
    'DNS:spiffe://shop/sales',
    'DNS:"a, URI:spiffe://shop/sales"',
    'URI:spiffe://shop/sales, URI:spiffe://shop/edge',
    'URI:spiffe://shop',
    'URI:spiffe://shop/',
    'URI:spiffe://shopping/sales',
    'URI:spiffe://bank/shop/sales',
    'URI:spiffe://shop/sales/more',
    'URI:spiffe://shop/sales?x',
    'URI:https://shop/sales',
    'uri:spiffe://shop/sales',
  ]) {
    assert.ok('cause' in (read(names) as object), String(names))
  }
})
