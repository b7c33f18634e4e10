import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSystemRandom, type Random } from '../../kernel/index.ts'
import { Certificates } from './authority.fixture.ts'
import type { EnsureOptions } from './index.ts'

const services = ['sales', 'money']
const steps: readonly (readonly [string, Partial<EnsureOptions>])[] = [
  ['the first certificates', {}],
  ['a renewal of certificates', { renew: true }],
  ['the beginning of a renewal of the authority', { renewAuthority: true }],
  ['the change of the key', {}],
  ['the end of trust in the old authority', {}],
]

/** Randomness that fails at its n-th draw; there is one before each file that is written. */
function failingAt(draw: number): Random & { readonly isSpent: () => boolean } {
  const random = createSystemRandom()
  let drawn = 0
  return {
    fraction: random.fraction,
    bytes(count) {
      drawn += 1
      if (drawn === draw) throw new Error('cut off')
      return random.bytes(count)
    },
    isSpent: () => drawn < draw,
  }
}

/** Whether the certificates that are there, and whole, are trusted. */
function assertTrusted(certificates: Certificates): void {
  const names = certificates.list()
  if (!names.includes('authority.crt')) return
  for (const service of services.filter((name) => names.includes(`${name}.crt`))) {
    assert.notEqual(certificates.findFlaw(service), 'nobody trusts its issuer')
  }
}

for (const [index, [title, options]] of steps.entries()) {
  test(`${title} can be cut off before any file, and the next call mends it`, async () => {
    let draws = 0
    for (let draw = 1, isSpent = false; !isSpent; draw++) {
      using certificates = new Certificates()
      for (const [, before] of steps.slice(0, index)) {
        await certificates.ensure({ services, ...before })
        await certificates.clock.advance(11_000)
      }
      const random = failingAt(draw)
      const failed = certificates.ensure({ services, ...options, random })
      await failed.catch((error: Error) => assert.equal(error.message, 'cut off'))
      isSpent = random.isSpent()
      assertTrusted(certificates)
      await certificates.ensure({ services })
      for (const service of services) assert.equal(certificates.findFlaw(service), undefined)
      draws = draw
    }
    assert.ok(draws > 1, `cut off at ${draws} places`)
  })
}

const worker = fileURLToPath(new URL('ensure-forever.fixture.ts', import.meta.url))

test('a process killed at any moment leaves nothing that the next one does not mend', async () => {
  using certificates = new Certificates()
  const hourMs = 3_600_000
  for (let round = 0; round < 8; round++) {
    const startMs = certificates.clock.nowMs() + round * hourMs
    const child = spawn(
      process.execPath,
      ['--conditions=source', worker, certificates.folder, String(startMs)],
      { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 },
    )
    await once(child.stdout, 'data')
    await new Promise((resolve) => void setTimeout(resolve, round * 3))
    child.kill('SIGKILL')
    await once(child, 'close')
    assertTrusted(certificates)
  }
  await certificates.clock.advance(9 * hourMs)
  await certificates.ensure({ services })
  for (const service of services) assert.equal(certificates.findFlaw(service), undefined)
  const left = certificates.list().filter((name) => !/^[a-z.]+\.(?:crt|key)$/.test(name))
  assert.deepEqual(left, [])
})
