import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findBinary } from './binary.ts'
import { printConfig, printLine } from './config-text.ts'
import { haproxy, planOf, testApplication } from './gateway.fixture.ts'
import { renderGateway, type RenderOptions } from './index.ts'

const golden = new URL('./gateway.golden.cfg', import.meta.url)

const servers = [
  { id: 'sales-1-g7', host: '127.0.0.1', port: 4101, isDraining: false, weight: 100 },
  { id: 'sales-2-g7', host: '::1', port: 4102, isDraining: true, weight: 100 },
]

const full: RenderOptions = {
  plan: planOf(4_000),
  application: testApplication,
  servers,
  metricsPort: 4_001,
}

function configOf(options: RenderOptions): string {
  return renderGateway(options).files['haproxy.cfg'] ?? ''
}

test('the configuration is the one that was reviewed', async () => {
  const config = configOf(full)
  // BANYAN_UPDATE_GOLDEN=1 takes over a change; read the difference before you commit it.
  if (process.env['BANYAN_UPDATE_GOLDEN'] === '1') await writeFile(golden, config)
  assert.equal(config, await readFile(golden, 'utf8'))
})

test('HAProxy accepts every configuration without a warning', haproxy, async () => {
  const { path: binary } = await findBinary()
  const account = { uid: 65_534, gid: 65_534 }
  const plans = [
    planOf(4_000, { retries: false }),
    { ...full.plan, listen: { host: '::', port: 4_000 } },
  ]
  const variants: RenderOptions[] = [
    full,
    { plan: full.plan, application: testApplication },
    ...(process.getuid?.() === 0 ? [{ ...full, account }] : []),
    ...plans.map((plan) => ({ ...full, plan })),
  ]
  for (const variant of variants) {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-haproxy-'))
    try {
      for (const [name, text] of Object.entries(renderGateway(variant).files)) {
        await writeFile(join(folder, name), text)
      }
      const args = ['-c', '-f', 'haproxy.cfg', '-dW']
      const output = execFileSync(binary, args, { cwd: folder, encoding: 'utf8' })
      assert.match(output, /Configuration file is valid/)
    } finally {
      await rm(folder, { recursive: true })
    }
  }
})

test('the digest knows all but the instances', () => {
  const { digest } = renderGateway(full)
  assert.equal(renderGateway({ ...full, servers: [] }).digest, digest)
  const others: RenderOptions[] = [
    { ...full, metricsPort: undefined },
    { ...full, account: { uid: 1, gid: 1 } },
    { ...full, plan: planOf(4_002) },
    { ...full, plan: planOf(4_000, { retries: false }) },
    { ...full, plan: planOf(4_000, { checkEveryMs: 700 }) },
    { ...full, application: { ...testApplication, modules: [] } },
  ]
  const digests = new Set(others.map((other) => renderGateway(other).digest))
  assert.equal(digests.size, others.length)
  assert.ok(!digests.has(digest))
  assert.ok(configOf(full).includes(`description banyan:${digest}`))
})

test('without retries nothing is repeated', () => {
  const config = configOf({ ...full, plan: planOf(4_000, { retries: false }) })
  assert.match(config, /^ {2}retries 0\n {2}retry-on none$/m)
  assert.doesNotMatch(config, /redispatch|txn\.repeat|wait-for-body/)
})

test('routes with parameters are judged in the order in which an instance finds them', () => {
  const { files } = renderGateway(full)
  const linesOf = (name: string): string[] => (files[name] ?? '').split('\n').filter(Boolean)
  const patterns = linesOf('routes-patterns.map').filter((line) => line.startsWith('^POST'))
  assert.deepEqual(patterns, [
    '^POST:/orders/[^/]+/cancel$ keyed',
    '^POST:/orders/[^/]+/[^/]+$ keyed',
  ])
  assert.deepEqual(
    new Set(linesOf('routes-exact.map')),
    new Set([
      'POST:/notes keyed',
      'GET:/orders always',
      'HEAD:/orders always',
      'POST:/orders keyed',
      'POST:/orders/drafts/cancel keyed',
      'POST:/orders/search always',
      'GET:/visit keyed',
      'HEAD:/visit keyed',
    ]),
  )
})

test('words are quoted where HAProxy would read more into them, and line breaks never get in', () => {
  assert.equal(
    printLine(['bind', '127.0.0.1:80', 'x y', '#1', '$HOME', '"', '']),
    `bind 127.0.0.1:80 'x y' '#1' '$HOME' '"' ''`,
  )
  assert.equal(printLine(['a', "it's", '\\n']), `a 'it'\\''s' '\\n'`)
  assert.throws(() => printLine(['a', 'b\nglobal']), TypeError)
  assert.equal(
    printConfig(['x'], [{ head: ['global'], lines: [['maxconn', 1]] }]),
    '# x\n\nglobal\n  maxconn 1\n',
  )
})
