import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jwtVerify, SignJWT } from 'jose'
import { createIds, createSeededRandom, FakeClock } from '../kernel/index.ts'
import {
  createTokens,
  identityLifetimeInvalid,
  identityPrincipalInvalid,
  identitySecretWeak,
  identityTokenExpired,
  identityTokenInvalid,
  type Tokens,
} from './index.ts'

const secret = 'a secret of at least thirty-two bytes'
const other = 'another secret of thirty-two bytes or more'
const key = new TextEncoder().encode(secret)
const principal = { subject: 'customer-1', roles: ['customer'] }

function setUp(secrets: [string, ...string[]] = [secret]): { clock: FakeClock; tokens: Tokens } {
  const clock = new FakeClock(Date.now())
  const ids = createIds(clock, createSeededRandom(1))
  return { clock, tokens: createTokens({ clock, ids, secrets, issuer: 'shop' }) }
}

function forged(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(key)
}

const claims = { iss: 'shop', aud: 'shop', sub: 'x', exp: Math.floor(Date.now() / 1_000) + 60 }

test('a token proves the principal it was issued for, and jose agrees', async () => {
  const { tokens } = setUp()
  const token = tokens.issue(principal, 60_000)
  assert.deepEqual(tokens.verify(token), principal)
  const { payload } = await jwtVerify(token, key, { issuer: 'shop', audience: 'shop' })
  assert.equal(payload.sub, 'customer-1')
})

test('a token that jose signed is accepted', async () => {
  const { tokens } = setUp()
  const token = await forged({ ...claims, roles: ['clerk'] })
  assert.deepEqual(tokens.verify(token), { subject: 'x', roles: ['clerk'] })
})

test('a cached token still expires', async () => {
  const { clock, tokens } = setUp()
  const token = tokens.issue(principal, 10_000)
  tokens.verify(token)
  await clock.advance(16_100)
  assert.throws(() => tokens.verify(token), identityTokenExpired.is)
})

test('a secret can be replaced: the old one verifies, the new one signs', () => {
  const before = setUp([secret]).tokens.issue(principal, 60_000)
  const { tokens } = setUp([other, secret])
  assert.deepEqual(tokens.verify(before), principal)
  assert.throws(
    () => setUp([secret]).tokens.verify(tokens.issue(principal, 60_000)),
    identityTokenInvalid.is,
  )
})

test('every single changed character of a token is noticed', () => {
  const { tokens } = setUp()
  const token = tokens.issue(principal, 60_000)
  for (let index = 0; index < token.length; index++) {
    const changed = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`
    assert.throws(() => tokens.verify(changed), identityTokenInvalid.is, `character ${index}`)
  }
})

test('malformed and hostile tokens are refused', async () => {
  const { tokens } = setUp()
  const good = tokens.issue(principal, 60_000)
  const [head = '', body = '', tail = ''] = good.split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const hostile = [
    '',
    '.',
    '..',
    'a.b',
    'a.b.c',
    `${good}.`,
    ` ${good}`,
    `${good}=`,
    `${head}.${body}.`,
    `${none}.${body}.`,
    `${none}.${body}.${tail}`,
    `${head}. ${body}.${tail}`,
    'x'.repeat(10_000),
    await forged({ ...claims, iss: 'evil' }),
    await forged({ ...claims, aud: 'evil' }),
    await forged({ ...claims, sub: undefined }),
    await forged({ ...claims, exp: undefined }),
    await forged({ ...claims, roles: 'clerk' }),
    await forged({ ...claims, roles: [1] }),
    await forged({ ...claims, nbf: Math.floor(Date.now() / 1_000) + 600 }),
    await forged(claims, { kid: 'unknown' }),
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(key),
    await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(other)),
  ]
  for (const token of hostile) {
    assert.throws(() => tokens.verify(token), identityTokenInvalid.is, token.slice(0, 60))
  }
})

test('weak secrets and unreasonable lifetimes are refused', () => {
  assert.throws(() => setUp(['short']), identitySecretWeak.is)
  assert.throws(() => setUp().tokens.issue(principal, 0), identityLifetimeInvalid.is)
  assert.throws(() => setUp().tokens.issue(principal, Number.NaN), identityLifetimeInvalid.is)
})

test('no token is issued that would not be accepted', () => {
  const { tokens } = setUp()
  const longest = { subject: 's'.repeat(180), roles: Array.from({ length: 64 }, (_, n) => `r${n}`) }
  assert.deepEqual(tokens.verify(tokens.issue(longest, 60_000)), longest)
  const refused = [
    { subject: '', roles: [] },
    { subject: 's'.repeat(181), roles: [] },
    { subject: 's', roles: [...longest.roles, 'one more'] },
    { subject: 's', roles: ['r'.repeat(4_000)] },
  ]
  for (const one of refused) {
    assert.throws(() => tokens.issue(one, 60_000), identityPrincipalInvalid.is)
  }
})
