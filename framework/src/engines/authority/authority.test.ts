import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Certificates, dayMs } from './authority.fixture.ts'
import {
  authorityDomainForeign,
  authorityFileMalformed,
  authorityFolderUnusable,
  authorityKeyExposed,
  authorityKeyMismatch,
  authorityKeyMissing,
  authorityNameInvalid,
  authorityOptionInvalid,
  openAuthority,
  spiffeNameOf,
} from './index.ts'

const minuteMs = 60_000
const open = ({ folder, clock }: Certificates, application = 'shop') =>
  openAuthority({ folder, application, clock })

test('a certificate carries the name of its service and chains to the authority', async () => {
  using certificates = new Certificates()
  const nowMs = certificates.clock.nowMs()
  const authority = await open(certificates)
  const issued = await authority.issue('sales', { lifetimeMs: 2 * dayMs })
  assert.equal(issued.name, 'spiffe://shop/sales')
  assert.equal(issued.file, certificates.file('sales.crt'))
  const leaf = certificates.certificate('sales')
  const [root] = certificates.trusted()
  assert.equal(leaf.subjectAltName, 'URI:spiffe://shop/sales')
  assert.deepEqual([leaf.ca, root?.ca], [false, true])
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  assert.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.equal(certificates.findFlaw('sales'), undefined)
  const seconds = (ms: number): number => Math.floor(ms / 1_000)
  assert.equal(seconds(leaf.validFromDate.getTime()), seconds(nowMs - 5 * minuteMs))
  assert.equal(seconds(leaf.validToDate.getTime()), seconds(nowMs + 2 * dayMs))
  assert.equal(issued.expiresMs, leaf.validToDate.getTime())
  assert.equal(await authority.readTrusted(), certificates.read('authority.crt'))
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

for (const purpose of ['sslserver', 'sslclient']) {
  const options = hasOpenssl ? {} : { skip: 'there is no openssl program here' }
  test(`the strict check of openssl accepts a certificate as ${purpose}`, options, async () => {
    using certificates = new Certificates()
    await certificates.ensure({ services: ['a'.repeat(63)], application: 's'.repeat(63) })
    const args = [
      ...['verify', '-x509_strict', '-check_ss_sig', '-purpose', purpose],
      ...['-CAfile', certificates.file('authority.crt')],
      certificates.file(`${'a'.repeat(63)}.crt`),
    ]
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })
}

test('two certificates of one service share neither serial number nor key', async () => {
  using certificates = new Certificates()
  const authority = await open(certificates)
  await authority.issue('sales')
  const first = certificates.certificate('sales')
  await authority.issue('sales')
  const second = certificates.certificate('sales')
  assert.notEqual(first.serialNumber, second.serialNumber)
  assert.match(second.serialNumber, /^[4-7][0-9A-F]{31}$/)
  assert.ok(!first.publicKey.equals(second.publicKey))
})

test('a certificate never outlives its authority', async () => {
  using certificates = new Certificates()
  const authority = await open(certificates)
  await certificates.clock.advance(200 * dayMs)
  await authority.issue('sales', { lifetimeMs: 365 * dayMs })
  const [root] = certificates.trusted()
  assert.equal(certificates.certificate('sales').validTo, root?.validTo)
})

test('the folder and all that is in it belong to their owner alone', async () => {
  using certificates = new Certificates()
  mkdirSync(certificates.folder, { mode: 0o755 })
  chmodSync(certificates.folder, 0o755)
  await certificates.ensure()
  assert.equal(certificates.modeOf('.'), '700')
  const names = ['authority.crt', 'authority.key', 'sales.crt', 'sales.key']
  assert.deepEqual(certificates.list(), names)
  assert.deepEqual(
    names.map((name) => certificates.modeOf(name)),
    names.map(() => '600'),
  )
})

test("an authority's key that others can read is refused", async () => {
  using certificates = new Certificates()
  await open(certificates)
  chmodSync(certificates.file('authority.key'), 0o644)
  await assert.rejects(open(certificates), (error) => {
    assert.ok(authorityKeyExposed.is(error))
    assert.match(error.message, /mode 644, expected 600/)
    return true
  })
  chmodSync(certificates.file('authority.key'), 0o600)
  await open(certificates)
})

test('the authority of another application is refused, and left as it is', async () => {
  using certificates = new Certificates()
  await open(certificates, 'bank')
  const before = certificates.read('authority.crt')
  await assert.rejects(open(certificates), (error) => {
    assert.ok(authorityDomainForeign.is(error))
    assert.match(error.message, /speaks for spiffe:\/\/bank, not for spiffe:\/\/shop/)
    return true
  })
  await assert.rejects(certificates.ensure({ renewAuthority: true }), authorityDomainForeign.is)
  assert.equal(certificates.read('authority.crt'), before)
})

test('an authority whose key is gone or exchanged is refused, naming the file', async () => {
  using certificates = new Certificates()
  using others = new Certificates()
  await open(certificates)
  await open(others)
  certificates.write('authority.key', others.read('authority.key'))
  await assert.rejects(open(certificates), authorityKeyMismatch.is)
  certificates.remove('authority.key')
  await assert.rejects(open(certificates), (error) => {
    assert.ok(authorityKeyMissing.is(error))
    assert.equal(error.details.file, certificates.file('authority.key'))
    return true
  })
})

for (const [name, text] of [
  ['authority.crt', ''],
  ['authority.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ['authority.key', 'no key'],
] as const) {
  test(`an ${name} that reads ${JSON.stringify(text.slice(0, 12))} is refused`, async () => {
    using certificates = new Certificates()
    await open(certificates)
    certificates.write(name, text)
    await assert.rejects(open(certificates), (error) => {
      assert.ok(authorityFileMalformed.is(error))
      assert.equal(error.details.file, certificates.file(name))
      return true
    })
  })
}

test('a folder that is none is refused with what the file system said', async () => {
  using certificates = new Certificates()
  writeFileSync(certificates.folder, 'a file')
  await assert.rejects(open(certificates), (error) => {
    assert.ok(authorityFolderUnusable.is(error))
    assert.match(error.message, /EEXIST|ENOTDIR/)
    return true
  })
})

test('names that SPIFFE or the folder cannot hold are refused before anything is written', async () => {
  using certificates = new Certificates()
  for (const service of ['', 'Sales', 'a/b', '../x', 'authority', 'x'.repeat(64), '1a', 'a.b']) {
    await assert.rejects(certificates.ensure({ services: [service] }), authorityNameInvalid.is)
  }
  await assert.rejects(certificates.ensure({ application: 'My Shop' }), authorityNameInvalid.is)
  assert.throws(() => certificates.list(), /ENOENT/)
  assert.equal(spiffeNameOf('shop'), 'spiffe://shop')
})

test('options out of their range are refused, not clamped', async () => {
  using certificates = new Certificates()
  for (const options of [
    { lifetimeMs: minuteMs - 1 },
    { lifetimeMs: 366 * dayMs },
    { lifetimeMs: Number.NaN },
    { renewBeforeShare: 0 },
    { renewBeforeShare: 1 },
    { settleMs: -1 },
    { settleMs: 60 * minuteMs + 1 },
  ]) {
    await assert.rejects(certificates.ensure(options), authorityOptionInvalid.is)
  }
})
