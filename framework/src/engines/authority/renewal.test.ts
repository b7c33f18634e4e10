import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Certificates, dayMs } from './authority.fixture.ts'
import type { EnsuredCertificates } from './index.ts'

const summaryOf = ({ authority, certificates }: EnsuredCertificates) => ({
  step: authority.step,
  trusted: authority.trusted,
  issued: certificates.map(({ issued }) => issued),
})
const pauseMs = 11_000

test('a renewal spreads trust, then changes the key, then forgets the old authority', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  const [old] = certificates.trusted()
  const begun = await certificates.ensure({ renewAuthority: true })
  assert.deepEqual(summaryOf(begun), { step: 'begun', trusted: 2, issued: [undefined] })
  const waiting = await certificates.ensure()
  assert.deepEqual(summaryOf(waiting), { step: 'none', trusted: 2, issued: [undefined] })
  assert.equal(waiting.authority.dueMs, begun.authority.dueMs)
  await certificates.clock.advance(pauseMs)
  assert.ok(certificates.clock.nowMs() >= (begun.authority.dueMs ?? Number.POSITIVE_INFINITY))
  const taken = await certificates.ensure()
  assert.deepEqual(summaryOf(taken), { step: 'taken-over', trusted: 2, issued: ['authority'] })
  assert.equal(certificates.findFlaw('sales'), undefined)
  assert.deepEqual(summaryOf(await certificates.ensure()), {
    step: 'none',
    trusted: 2,
    issued: [undefined],
  })
  await certificates.clock.advance(pauseMs)
  const ended = await certificates.ensure()
  assert.deepEqual(summaryOf(ended), { step: 'ended', trusted: 1, issued: [undefined] })
  assert.equal(ended.authority.dueMs, undefined)
  assert.notEqual(certificates.trusted()[0]?.fingerprint256, old?.fingerprint256)
  assert.equal(certificates.findFlaw('sales'), undefined)
  assert.deepEqual(certificates.list(), [
    'authority.crt',
    'authority.key',
    'sales.crt',
    'sales.key',
  ])
})

test('an old authority stays trusted as long as a certificate in use is of its making', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services: ['sales', 'money'] })
  await certificates.ensure({ renewAuthority: true })
  await certificates.clock.advance(pauseMs)
  await certificates.ensure()
  await certificates.clock.advance(pauseMs)
  const waiting = await certificates.ensure()
  assert.deepEqual([waiting.authority.trusted, waiting.authority.dueMs], [2, undefined])
  assert.equal(certificates.findFlaw('money'), undefined)
  await certificates.clock.advance(31 * dayMs)
  assert.equal((await certificates.ensure()).authority.trusted, 2)
  await certificates.clock.advance(pauseMs)
  assert.equal((await certificates.ensure()).authority.step, 'ended')
})

test('an authority is renewed by itself when a third of its year is left', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  await certificates.clock.advance(230 * dayMs)
  assert.equal((await certificates.ensure()).authority.step, 'none')
  await certificates.clock.advance(15 * dayMs)
  const steps: string[] = []
  for (let call = 0; call < 4; call++) {
    steps.push((await certificates.ensure()).authority.step)
    await certificates.clock.advance(pauseMs)
  }
  assert.deepEqual(steps, ['begun', 'taken-over', 'ended', 'none'])
})

test('asking twice for a renewal makes one successor', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ renewAuthority: true })
  await certificates.ensure({ renewAuthority: true })
  const { authority } = await certificates.ensure({ renewAuthority: true })
  assert.deepEqual([authority.step, authority.trusted], ['none', 2])
})

test('an authority without its key is replaced, its certificates trusted until they are', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services: ['sales', 'money'] })
  certificates.remove('authority.key')
  const taken = await certificates.ensure({ renewAuthority: true })
  assert.deepEqual(summaryOf(taken), { step: 'taken-over', trusted: 2, issued: ['authority'] })
  assert.equal(certificates.findFlaw('money'), undefined)
})

test('no more than four authorities are trusted at once', async () => {
  using certificates = new Certificates()
  await certificates.ensure({ services: ['sales', 'money'] })
  for (let round = 0; round < 5; round++) {
    await certificates.ensure({ renewAuthority: true })
    await certificates.clock.advance(pauseMs)
    await certificates.ensure()
  }
  assert.equal(certificates.trusted().length, 4)
  assert.equal(certificates.findFlaw('sales'), undefined)
})

test('a successor whose certificate was never written is dropped', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  certificates.write('authority.next.key', certificates.read('sales.key'))
  const { authority } = await certificates.ensure()
  assert.deepEqual([authority.step, authority.trusted], ['none', 1])
  assert.ok(!certificates.list().includes('authority.next.key'))
})

test('a successor whose key was lost is no longer trusted', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  await certificates.ensure({ renewAuthority: true })
  certificates.remove('authority.next.key')
  assert.deepEqual(summaryOf(await certificates.ensure()), {
    step: 'none',
    trusted: 2,
    issued: [undefined],
  })
  await certificates.clock.advance(pauseMs)
  assert.equal((await certificates.ensure()).authority.step, 'ended')
  assert.equal(certificates.findFlaw('sales'), undefined)
})

test('a first key without its certificate is made anew', async () => {
  using certificates = new Certificates()
  await certificates.ensure()
  certificates.remove('authority.crt')
  certificates.remove('sales.crt')
  const { authority } = await certificates.ensure()
  assert.equal(authority.step, 'made')
  assert.equal(certificates.findFlaw('sales'), undefined)
})
