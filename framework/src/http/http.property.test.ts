import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseRoute, type Route } from '../contract/index.ts'
import { BanyanError } from '../kernel/index.ts'
import { bodyDepthMax, parseJsonBody } from './json-body.ts'
import { RequestLines } from './request-line.ts'
import { Router } from './router.ts'
import { parseQuery } from './target.ts'

const word = fc.constantFrom('a', 'b', 'c')
const part = fc.oneof(word, fc.constantFrom('{x}', '{y}'))

/** The specification of the router: of all routes that fit, the one whose first differing segment is
 *  a literal. */
function findSlowly(routes: readonly Route[], segments: readonly string[]): Route | undefined {
  const fits = routes.filter(
    (route) =>
      route.segments.length === segments.length &&
      route.segments.every(
        (one, index) => one.type === 'parameter' || one.text === segments[index],
      ),
  )
  const rank = (route: Route): string =>
    route.segments.map((one) => (one.type === 'literal' ? '0' : '1')).join('')
  return fits.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]
}

test('the router finds what a search of all routes finds, and the same parameters', () => {
  const paths = fc.uniqueArray(fc.array(part, { maxLength: 4 }), {
    maxLength: 12,
    selector: (parts) => parts.map((one) => (one.startsWith('{') ? '{}' : one)).join('/'),
  })
  fc.assert(
    fc.property(
      paths,
      fc.array(fc.array(word, { maxLength: 4 }), { maxLength: 8 }),
      (all, asked) => {
        const texts = all.filter(
          (parts) =>
            new Set(parts.filter((one) => one.startsWith('{'))).size ===
            parts.filter((one) => one.startsWith('{')).length,
        )
        const routes = texts.map((parts) => parseRoute(`GET /${parts.join('/')}`, 'test'))
        const router = new Router<Route>()
        for (const route of routes)
          assert.equal(router.add('GET', route.segments, route), undefined)
        for (const segments of asked) {
          const values: string[] = []
          const expected = findSlowly(routes, segments)
          const found = router.find(segments, values)?.targets.get('GET')
          assert.equal(found?.path, expected?.path)
          const wanted = segments.filter(
            (_, index) => expected?.segments[index]?.type === 'parameter',
          )
          assert.deepEqual(values, wanted)
          const isStatic = expected?.segments.every((one) => one.type === 'literal') === true
          const quick = router.findStatic(`/${segments.join('/')}`)?.targets.get('GET')
          assert.equal(quick?.path, isStatic ? expected?.path : undefined)
        }
      },
    ),
  )
})

test('query strings are read as URLSearchParams reads them', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 8 })
    .filter((value) => !value.includes('\0'))
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), (pairs) => {
      fc.pre(pairs.every(([name]) => name !== '__proto__'))
      const params = new URLSearchParams(pairs)
      const fields = parseQuery(params.toString())
      const expected: Record<string, string | string[]> = {}
      for (const name of new Set(params.keys())) {
        const values = params.getAll(name)
        expected[name] = values.length === 1 ? (values[0] ?? '') : values
      }
      assert.deepEqual(fields, expected)
    }),
  )
})

test('a body is read as JSON.parse reads it, unless it nests too deep', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      fc.pre(!text.includes('"__proto__"'))
      assert.deepEqual(parseJsonBody(Buffer.from(text)), JSON.parse(text))
    }),
  )
  const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
  assert.ok(parseJsonBody(nested(bodyDepthMax)))
  assert.throws(() => parseJsonBody(nested(bodyDepthMax + 1)), BanyanError)
})

test('a key given twice is found wherever it stands, however it is written', () => {
  const key = fc.string({ minLength: 1, maxLength: 4 })
  const escaped = (text: string): string =>
    [...Array(text.length).keys()]
      .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('')
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), key, fc.boolean(), (value, name, isEscaped) => {
      const inner = JSON.stringify(value)
      const again = isEscaped ? `"${escaped(name)}"` : JSON.stringify(name)
      const text = `{"outer":[{${JSON.stringify(name)}:${inner},${again}:1}]}`
      assert.throws(
        () => parseJsonBody(Buffer.from(text)),
        (error) => error instanceof BanyanError && error.code === 'HTTP_BODY_INVALID',
      )
    }),
  )
})

test('single spaces are recognised however the bytes are cut, and double spaces never pass', () => {
  const request = fc.record({
    url: fc.constantFrom('/', '/a', '/a/b?c=d'),
    body: fc.constantFrom('', 'x', 'GET /a HTTP/1.', '\r\n\r\n'),
    gap: fc.constantFrom(' ', '  '),
  })
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.nat(40)),
      (requests, cuts) => {
        const lines = new RequestLines()
        let pending = ''
        const heads = requests.map(({ url, body, gap }) => ({
          url,
          gap,
          head: `POST${gap}${url} HTTP/1.1\r\nHost: a\r\n\r\n`,
          body,
        }))
        for (const { head, body, url, gap } of heads) {
          // The parser reports a head when its last byte has come; bytes after it may be there already.
          for (let rest = head; rest !== ''; ) {
            const size = 1 + (cuts.next().value ?? 0)
            pending = rest.slice(0, size)
            rest = rest.slice(size)
            lines.push(Buffer.from(pending, 'latin1'))
          }
          assert.equal(lines.claim('POST', url), gap === ' ')
          if (body !== '') lines.push(Buffer.from(body, 'latin1'))
          if (gap !== ' ') return
        }
      },
    ),
  )
})
