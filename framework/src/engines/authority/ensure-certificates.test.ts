import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { test } from 'node:test'
import { FakeClock } from '../../kernel/index.ts'
import { Certificates, dayMs } from './authority.fixture.ts'
import { authorityCertificateExpired, type EnsuredCertificates, openAuthority } from './index.ts'

const issuedOf = ({ certificates }: EnsuredCertificates) =>
  Object.fromEntries(certificates.map(({ service, issued }) => [service, issued]))

test('what is missing is issued, what is there is kept', async () => {
  using certificates = new Certificates()
  const first = await certificates.ensure({ services: ['sales', 'money'] })
  assert.equal(first.authority.step, 'made')
  assert.deepEqual(issuedOf(first), { sales: 'absent', money: 'absent' })
  const texts = certificates.list().map((name) => certificates.read(name))
  const second = await certificates.ensure({ services: ['sales', 'money'] })
  assert.equal(second.authority.step, 'none')
  assert.deepEqual(issuedOf(second), { sales: undefined, money: undefined })
  assert.deepEqual(
    certificates.list().map((name) => certificates.read(name)),
    texts,
  )
  assert.deepEqual(
    second.certificates.map(({ expiresMs }) => expiresMs),
    first.certificates.map(({ expiresMs }) => expiresMs),
  )
})

test('a certificate is renewed when less than a third of its life is left, not before', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  await certificates.clock.advance(19.9 * dayMs)
  assert.deepEqual(issuedOf(await certificates.ensure()), { sales: undefined })
  await certificates.clock.advance(0.2 * dayMs)
  const renewed = await certificates.ensure()
  assert.deepEqual(issuedOf(renewed), { sales: 'due' })
  assert.ok((renewed.certificates[0]?.expiresMs ?? 0) > certificates.clock.nowMs() + 29 * dayMs)
})

test('the share of life that must be left can be chosen', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  await certificates.clock.advance(4 * dayMs)
  assert.deepEqual(issuedOf(await certificates.ensure()), { sales: undefined })
  assert.deepEqual(issuedOf(await certificates.ensure({ renewBeforeShare: 0.9 })), { sales: 'due' })
})

test('a certificate that is not valid yet is renewed: the clock was wrong', async () => {
  using certificates = new Certificates()
  const { folder, clock } = certificates
  await openAuthority({ folder, application: 'shop', clock })
  const ahead = new FakeClock(clock.nowMs() + dayMs)
  const authority = await openAuthority({ folder, application: 'shop', clock: ahead })
  await authority.issue('sales')
  assert.deepEqual(issuedOf(await certificates.ensure()), { sales: 'due' })
  assert.deepEqual(issuedOf(await certificates.ensure()), { sales: undefined })
})

test('all are issued anew when asked, and only those that are named', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services: ['sales', 'money'] })
  const money = certificates.read('money.crt')
  const { certificates: renewed } = await certificates.ensure({
    renew: true,
    lifetimeMs: 7 * dayMs,
  })
  assert.deepEqual(
    renewed.map(({ service, issued }) => [service, issued]),
    [['sales', 'asked']],
  )
  assert.ok((renewed[0]?.expiresMs ?? 0) <= certificates.clock.nowMs() + 7 * dayMs)
  assert.equal(certificates.read('money.crt'), money)
})

const damages: readonly (readonly [string, string, (sound: Certificates) => void])[] = [
  ['whose key is gone', 'absent', (sound) => sound.remove('sales.key')],
  ['that is gone', 'absent', (sound) => sound.remove('sales.crt')],
  ['that is cut off', 'unreadable', (sound) => sound.write('sales.crt', '-----BEGIN')],
  ['whose key is no key', 'unreadable', (sound) => sound.write('sales.key', '')],
  ['of another key', 'mismatch', (sound) => sound.write('sales.key', sound.read('money.key'))],
  ['whose key others can read', 'exposed', (sound) => chmodSync(sound.file('sales.key'), 0o640)],
  [
    'of another service',
    'foreign',
    (sound) => {
      for (const end of ['crt', 'key']) sound.write(`sales.${end}`, sound.read(`money.${end}`))
    },
  ],
]

for (const [title, reason, damage] of damages) {
  test(`a certificate ${title} is issued anew`, async () => {
    using certificates = new Certificates()
    await certificates.ensure({ services: ['sales', 'money'] })
    damage(certificates)
    assert.deepEqual(issuedOf(await certificates.ensure()), { sales: reason })
    assert.equal(certificates.findFlaw('sales'), undefined)
    assert.equal(certificates.modeOf('sales.key'), '600')
    assert.deepEqual(issuedOf(await certificates.ensure()), { sales: undefined })
  })
}

test('a certificate of an authority that is no more is issued anew', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  for (const name of ['authority.crt', 'authority.key']) certificates.remove(name)
  const { authority, certificates: issued } = await certificates.ensure()
  assert.deepEqual([authority.step, issued[0]?.issued], ['made', 'authority'])
  assert.equal(certificates.findFlaw('sales'), undefined)
})

test('an authority that nobody renewed in its year is refused, and replaced on request', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  await certificates.clock.advance(366 * dayMs)
  await assert.rejects(certificates.ensure(), authorityCertificateExpired.is)
  const { authority, certificates: issued } = await certificates.ensure({ renewAuthority: true })
  assert.deepEqual([authority.step, authority.trusted], ['taken-over', 1])
  assert.equal(issued[0]?.issued, 'authority')
  assert.equal(certificates.findFlaw('sales'), undefined)
})
