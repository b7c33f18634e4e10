import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSmtpUrl } from './index.ts'

test('a URL says where mails go and how they are encrypted', () => {
  const login = { user: 'shop@example.org', password: 'a:b' }
  assert.deepEqual(parseSmtpUrl('smtp://shop%40example.org:a%3Ab@mail.example.org'), {
    ...{ host: 'mail.example.org', port: 587, encryption: 'starttls', login },
  })
  const of = (url: string): string => {
    const { host, port, encryption } = parseSmtpUrl(url)
    return `${host} ${port} ${encryption}`
  }
  assert.equal(of('smtps://mail.example.org'), 'mail.example.org 465 implicit')
  assert.equal(of('smtp://mail.example.org:25?tls=none'), 'mail.example.org 25 none')
  assert.equal(of('smtp://localhost:1025'), 'localhost 1025 none')
  assert.equal(of('smtp://127.0.0.1:1025?tls=required'), '127.0.0.1 1025 starttls')
  assert.equal(of('smtp://[::1]:1025/'), '::1 1025 none')
})

test('a URL that cannot be meant is refused, and never shown', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['mail.example.org', /is not a URL/],
    ['http://u:secret@mail.example.org', /begins with "http:"/],
    ['smtp://', /names no host|is not a URL/],
    ['smtp://u:secret@mail.example.org/path', /has a path/],
    ['smtp://u:secret@mail.example.org?tls=none', /password unencrypted to another machine/],
    ['smtp://u:secret@mail.example.org?tls=maybe', /tls=maybe/],
    ['smtp://u:secret@mail.example.org?pool=1', /unknown parameter "pool"/],
    ['smtps://u:secret@mail.example.org?tls=none', /smtps and for tls=none/],
    ['smtp://u:%zz@mail.example.org', /not percent-encoded/],
  ]
  for (const [url, message] of wrong) {
    assert.throws(
      () => parseSmtpUrl(url),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'SMTP_URL_INVALID')
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /secret/)
        return true
      },
    )
  }
})
