/** One HTTP message as raw bytes (one byte per character), and what a strict server does with it. */
export interface RawMessage {
  readonly name: string
  readonly bytes: string
}

const get = 'GET /ok HTTP/1.1\r\n'
const post = 'POST /ok HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\n'
const host = 'Host: a.example\r\n'
const chunked = 'Transfer-Encoding: chunked\r\n'

function message(name: string, bytes: string): RawMessage {
  return { name, bytes }
}

const length: readonly RawMessage[] = [
  message(
    'length and chunks together',
    `${post}Content-Length: 2\r\n${chunked}\r\n2\r\n{}\r\n0\r\n\r\n`,
  ),
  message('chunks and length together', `${post}${chunked}Content-Length: 6\r\n\r\n0\r\n\r\n{}`),
  message('two different lengths', `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `),
  message('two equal lengths', `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`),
  message('a list of lengths', `${post}Content-Length: 2, 2\r\n\r\n{}`),
  message('a signed length', `${post}Content-Length: +2\r\n\r\n{}`),
  message('a negative length', `${post}Content-Length: -2\r\n\r\n{}`),
  message('a hexadecimal length', `${post}Content-Length: 0x2\r\n\r\n{}`),
  message('a length with an underscore', `${post}Content-Length: 1_0\r\n\r\n{}`),
  message('an empty length', `${post}Content-Length: \r\n\r\n{}`),
  message('a length past 64 bits', `${post}Content-Length: 18446744073709551618\r\n\r\n{}`),
  message('a length with a space inside', `${post}Content-Length: 1 0\r\n\r\n{}`),
  message('a length header spelt with an underscore', `${post}Content_Length: 2\r\n\r\n{}`),
  message('a space before the colon of a length', `${post}Content-Length : 2\r\n\r\n{}`),
]

const encoding: readonly RawMessage[] = [
  message('an unknown transfer encoding', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`),
  message(
    'a vertical tab before chunked',
    `${post}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  ),
  message('quoted chunked', `${post}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`),
  message(
    'chunked before identity',
    `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  ),
  message('identity as transfer encoding', `${post}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n`),
  message('two transfer encodings', `${post}${chunked}${chunked}\r\n0\r\n\r\n`),
  message(
    'chunked in HTTP/1.0',
    `POST /ok HTTP/1.0\r\n${host}Content-Type: application/json\r\n${chunked}\r\n2\r\n{}\r\n0\r\n\r\n`,
  ),
  message(
    'a space before the colon of an encoding',
    `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  ),
  message(
    'Connection names Transfer-Encoding',
    `${post}Connection: close, transfer-encoding\r\n${chunked}\r\n2\r\n{}\r\n0\r\n\r\n`,
  ),
]

const chunks: readonly RawMessage[] = [
  message('a chunk size with 0x', `${post}${chunked}\r\n0x2\r\n{}\r\n0\r\n\r\n`),
  message('a signed chunk size', `${post}${chunked}\r\n+2\r\n{}\r\n0\r\n\r\n`),
  message('a space before a chunk size', `${post}${chunked}\r\n 2\r\n{}\r\n0\r\n\r\n`),
  message('a space after a chunk size', `${post}${chunked}\r\n2 \r\n{}\r\n0\r\n\r\n`),
  message('a chunk size past 64 bits', `${post}${chunked}\r\n10000000000000002\r\n{}\r\n0\r\n\r\n`),
  message('no line end after a chunk', `${post}${chunked}\r\n2\r\n{}0\r\n\r\n`),
  message('a bare LF after a chunk size', `${post}${chunked}\r\n2\n{}\r\n0\r\n\r\n`),
  message('a bare LF after a chunk', `${post}${chunked}\r\n2\r\n{}\n0\r\n\r\n`),
  message('a chunk extension with a bare LF', `${post}${chunked}\r\n2;a\nb\r\n{}\r\n0\r\n\r\n`),
  message('an empty chunk size', `${post}${chunked}\r\n\r\n{}\r\n0\r\n\r\n`),
  message(
    'a length in the trailer',
    `${post}${chunked}\r\n2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n`,
  ),
]

const lines: readonly RawMessage[] = [
  message('a folded header line', `${get}${host}X-A: b\r\n c\r\n\r\n`),
  message('a folded first header line', `${get} X-A: b\r\n${host}\r\n`),
  message('a bare LF after the request line', `GET /ok HTTP/1.1\n${host}\r\n`),
  message('a bare LF between headers', `${get}Host: a.example\nX-A: b\r\n\r\n`),
  message('a bare CR in a header value', `${get}${host}X-A: b\rc\r\n\r\n`),
  message('a NUL in a header value', `${get}${host}X-A: b\0c\r\n\r\n`),
  message('a NUL in a header name', `${get}${host}X-\0A: b\r\n\r\n`),
  message('a space in a header name', `${get}${host}X A: b\r\n\r\n`),
  message('an empty header name', `${get}${host}: b\r\n\r\n`),
  message('a header line without a colon', `${get}${host}X-A\r\n\r\n`),
  message('a header name of 8 bits', `${get}${host}X-\xe9: b\r\n\r\n`),
  message('a header of 32 KiB', `${get}${host}X-A: ${'b'.repeat(32 * 1024)}\r\n\r\n`),
  message('3,000 headers', `${get}${host}${'a:b\r\n'.repeat(3_000)}\r\n`),
  message('200 headers', `${get}${host}${'a: b\r\n'.repeat(200)}\r\n`),
]

const hosts: readonly RawMessage[] = [
  message('no Host', `${get}X-A: b\r\n\r\n`),
  message('two Hosts', `${get}${host}Host: b.example\r\n\r\n`),
  message('two equal Hosts', `${get}${host}${host}\r\n`),
  message('a Host with a path', `${get}Host: a.example/x\r\n\r\n`),
  message('a Host with a user', `${get}Host: x@a.example\r\n\r\n`),
  message('a Host list', `${get}Host: a.example, b.example\r\n\r\n`),
  message('an empty Host', `${get}Host: \r\n\r\n`),
  message('an absolute target of another host', `GET http://b.example/ok HTTP/1.1\r\n${host}\r\n`),
]

const requestLines: readonly RawMessage[] = [
  message('HTTP/0.9', `GET /ok\r\n\r\n`),
  message('HTTP/0.9 by name', `GET /ok HTTP/0.9\r\n${host}\r\n`),
  message('HTTP/1.2', `GET /ok HTTP/1.2\r\n${host}\r\n`),
  message('HTTP/9.9', `GET /ok HTTP/9.9\r\n${host}\r\n`),
  message('HTTP/2.0 in the words of 1.1', `GET /ok HTTP/2.0\r\n${host}\r\n`),
  message('a version in lower case', `GET /ok http/1.1\r\n${host}\r\n`),
  message('two spaces before the target', `GET  /ok HTTP/1.1\r\n${host}\r\n`),
  message('two spaces before the version', `GET /ok  HTTP/1.1\r\n${host}\r\n`),
  message('tabs between the parts', `GET\t/ok\tHTTP/1.1\r\n${host}\r\n`),
  message('a leading space', ` GET /ok HTTP/1.1\r\n${host}\r\n`),
  message('an LF in the target', `GET /o\nk HTTP/1.1\r\n${host}\r\n`),
  message('a NUL in the target', `GET /o\0k HTTP/1.1\r\n${host}\r\n`),
  message('an 8-bit target', `GET /\xe9 HTTP/1.1\r\n${host}\r\n`),
  message('a fragment in the target', `GET /ok#a HTTP/1.1\r\n${host}\r\n`),
  message('a target that is no path', `GET ok HTTP/1.1\r\n${host}\r\n`),
  message('an unknown method', `G@T /ok HTTP/1.1\r\n${host}\r\n`),
  message('an unknown expectation', `${post}Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}`),
  message(
    'two spaces in the second of two requests',
    `${get}${host}\r\nGET  /ok HTTP/1.1\r\n${host}\r\n`,
  ),
]

/** Messages that two readers could split or route differently: each is answered with 400 (431 when
 *  it is a matter of size) and a closed connection, and its operation never runs twice. */
export const mustReject: readonly RawMessage[] = [
  ...length,
  ...encoding,
  ...chunks,
  ...lines,
  ...hosts,
  ...requestLines,
]

/** Messages that look odd and are in order: refusing them would turn honest clients away. */
export const mustAccept: readonly RawMessage[] = [
  message('a plain GET', `${get}${host}\r\n`),
  message('a plain POST', `${post}Content-Length: 2\r\n\r\n{}`),
  message('a chunked POST', `${post}${chunked}\r\n2\r\n{}\r\n0\r\n\r\n`),
  message('chunked in capitals', `${post}TRANSFER-ENCODING: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
  message('a chunk extension', `${post}${chunked}\r\n2;a=b\r\n{}\r\n0\r\n\r\n`),
  message('a harmless trailer', `${post}${chunked}\r\n2\r\n{}\r\n0\r\nX-Checksum: 1\r\n\r\n`),
  message('no space after a colon', `${get}Host:a.example\r\n\r\n`),
  message('spaces around a value', `${get}Host:  \ta.example \t\r\n\r\n`),
  message('a Host with a port', `${get}Host: a.example:8080\r\n\r\n`),
  message('a Host that is an IPv6 address', `${get}Host: [2001:db8::1]:80\r\n\r\n`),
  message('HTTP/1.0 without Host', `GET /ok HTTP/1.0\r\n\r\n`),
  message('an absolute target of the same host', `GET http://a.example/ok HTTP/1.1\r\n${host}\r\n`),
  message('an empty line before the request', `\r\n${get}${host}\r\n`),
  message(
    'an expectation to continue',
    `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
  ),
  message(
    'an offer to speak h2c',
    `${get}${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
  ),
  message('a repeated list header', `${get}${host}Accept: text/html\r\nAccept: */*\r\n\r\n`),
  message('an escaped target', `GET /%6Fk?a=%20 HTTP/1.1\r\n${host}\r\n`),
  message('an 8-bit header value', `${get}${host}X-A: \xe9\r\n\r\n`),
]
