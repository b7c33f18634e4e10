import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { createSystemClock } from '../../kernel/index.ts'
import { Certificates } from './authority.fixture.ts'
import { authorityFolderBusy } from './index.ts'

test('many at once make one authority, and certificates that fit', async () => {
  using certificates = new Certificates()
  const clock = createSystemClock()
  const services = ['sales', 'money', 'edge']
  const all = await Promise.all(
    Array.from({ length: 6 }, () => certificates.ensure({ services, clock })),
  )
  const steps = all.map(({ authority }) => authority.step).sort()
  assert.deepEqual(steps, ['made', 'none', 'none', 'none', 'none', 'none'])
  for (const service of services) assert.equal(certificates.findFlaw(service), undefined)
  assert.equal(certificates.list().length, 8)
})

test('the lock of a process that has ended holds nobody up', async () => {
  using certificates = new Certificates()
  mkdirSync(certificates.file('lock'), { recursive: true })
  certificates.write('lock/holder-old', JSON.stringify({ pid: process.pid, started: 'before' }))
  mkdirSync(certificates.file('lock.abandoned'))
  await certificates.ensure()
  assert.deepEqual(
    certificates.list().filter((name) => name.startsWith('lock')),
    [],
  )
})

test('a folder that another process keeps changing is refused after ten seconds', async () => {
  using certificates = new Certificates()
  mkdirSync(certificates.file('lock'), { recursive: true })
  certificates.write('lock/holder-other', JSON.stringify({ pid: process.ppid, started: '' }))
  const { clock } = certificates
  const refused = assert.rejects(certificates.ensure(), (error) => {
    assert.ok(authorityFolderBusy.is(error))
    assert.equal(error.details.pid, process.ppid)
    return true
  })
  let isOver = false
  void refused.finally(() => {
    isOver = true
  })
  while (!isOver) {
    await clock.advance(25)
    // the file system answers between two steps
    await new Promise((resolve) => void setImmediate(resolve))
  }
  await refused
  assert.ok(clock.monotonicMs() >= 10_000)
  assert.deepEqual(certificates.list(), ['lock'])
})
