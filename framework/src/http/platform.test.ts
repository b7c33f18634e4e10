import assert from 'node:assert/strict'
import test from 'node:test'
import { BanyanError } from '../kernel/index.ts'
import { type Fixture, serve } from './http.fixture.ts'
import type { PlatformOptions } from './index.ts'

function platform(options: PlatformOptions = {}): Promise<Fixture> {
  return serve([], { platform: options })
}

test('/livez answers while the process turns', async () => {
  await using fixture = await platform()
  const response = await fetch(`${fixture.url}/livez`)
  assert.deepEqual([response.status, await response.text()], [200, '{"status":"ok"}'])
  assert.equal(response.headers.get('cache-control'), 'no-store')
})

test('/readyz is 503 while a check fails or hangs, and names causes only when asked', async () => {
  let isDown = true
  const hang = new Promise<void>(() => {})
  const checks = [
    {
      name: 'database',
      check: async () => void (isDown && (await Promise.reject(new Error('secret host')))),
    },
    { name: 'cache', timeoutMs: 30, check: () => (isDown ? hang : Promise.resolve()) },
    { name: 'disk', check: () => (isDown ? thrown() : Promise.resolve()) },
  ]
  await using fixture = await platform({ checks })
  const brief = await fetch(`${fixture.url}/readyz`)
  assert.deepEqual([brief.status, await brief.text()], [503, '{"status":"unready"}'])
  const verbose = await fetch(`${fixture.url}/readyz?verbose`)
  const body = (await verbose.json()) as {
    checks: { name: string; isReady: boolean; cause: string }[]
  }
  const told = body.checks.map(({ name, isReady, cause }) => [name, isReady, cause])
  assert.deepEqual(told, [
    ['database', false, 'secret host'],
    ['cache', false, 'no answer within 30 ms'],
    ['disk', false, 'thrown'],
  ])
  isDown = false
  assert.equal((await fetch(`${fixture.url}/readyz`)).status, 200)
  fixture.handler.drain()
  const draining = await fetch(`${fixture.url}/readyz`)
  assert.deepEqual([draining.status, await draining.text()], [503, '{"status":"draining"}'])
  assert.equal((await fetch(`${fixture.url}/livez`)).status, 200)
})

function thrown(): never {
  throw new Error('thrown')
}

test('/metrics is Prometheus text', async () => {
  await using fixture = await platform()
  const response = await fetch(`${fixture.url}/metrics`)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.match(
    await response.text(),
    /^# TYPE http_server_active_requests gauge\nhttp_server_active_requests 1$/m,
  )
})

test('/openapi.json is made once and revalidated by its tag', async () => {
  let made = 0
  const openApi = (): unknown => ({ openapi: '3.1.0', made: ++made })
  await using fixture = await platform({ openApi })
  assert.equal(made, 0)
  const first = await fetch(`${fixture.url}/openapi.json`)
  assert.deepEqual(await first.json(), { openapi: '3.1.0', made: 1 })
  const tag = first.headers.get('etag') ?? ''
  const again = await fetch(`${fixture.url}/openapi.json`, { headers: { 'If-None-Match': tag } })
  assert.deepEqual([again.status, made], [304, 1])
})

test('a document that cannot be made is a bug without its message', async () => {
  await using fixture = await platform({ openApi: () => thrown() })
  const response = await fetch(`${fixture.url}/openapi.json`)
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.ok(!text.includes('thrown'))
})

test('without a document neither /openapi.json nor /docs exist, and without platform none does', async () => {
  await using some = await platform()
  for (const path of ['/openapi.json', '/docs'])
    assert.equal((await fetch(some.url + path)).status, 404)
  await using none = await serve([])
  for (const path of ['/livez', '/readyz', '/metrics'])
    assert.equal((await fetch(none.url + path)).status, 404)
})

test('/docs is one page under 60 KiB that loads nothing from elsewhere and runs under its policy', async () => {
  await using fixture = await platform({ openApi: () => ({}) })
  const response = await fetch(`${fixture.url}/docs`)
  const html = await response.text()
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.ok(html.length < 60 * 1024, `${html.length}`)
  assert.ok(!/\b(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i.test(html))
  assert.ok(!/@import|url\(\s*["']?(?!data:)|\bstyle="|\son[a-z]+="/.test(html))
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /^default-src 'none'; /)
  const { createHash } = await import('node:crypto')
  for (const tag of ['style', 'script']) {
    const inline = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? ''
    assert.ok(inline.length > 1_000, tag)
    const hash = createHash('sha256').update(inline).digest('base64')
    assert.ok(policy.includes(`${tag}-src 'sha256-${hash}'`), tag)
  }
})

test('/readyz?verbose names a coded cause by its code, not by the address in its words', async () => {
  const identity = { code: 'DATA_UNAVAILABLE', kind: 'unavailable' } as const
  const text = { message: 'the database at db.internal:5432 is not available', fix: '' }
  const check = (): Promise<void> => Promise.reject(new BanyanError(identity, text, {}))
  await using fixture = await serve([], { platform: { checks: [{ name: 'database', check }] } })
  const answer = await (await fetch(`${fixture.url}/readyz?verbose`)).text()
  assert.match(answer, /"cause":"DATA_UNAVAILABLE"/)
  assert.doesNotMatch(answer, /internal/)
})
