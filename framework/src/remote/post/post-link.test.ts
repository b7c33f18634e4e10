import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { OutgoingCall } from '../../call/index.ts'
import { createSystemClock, FakeClock } from '../../kernel/index.ts'
import type { Endpoint, InstanceAddress, Link, LinkEvents } from '../port.ts'
import { postHeader, tryDecodePostHeaders } from '../post-headers.ts'
import { FakeCall, type FakeCallOptions } from '../router.fixture.ts'
import type { PostBounds } from './post-bounds.ts'
import { createPostCarrier } from './post-carrier.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** Writes down what a link tells, and lets a test wait for it. */
class Told implements LinkEvents {
  readonly lines: string[] = []
  #changed: () => void = () => {}

  opened(): void {
    this.#note('opened')
  }

  draining(): void {
    this.#note('draining')
  }

  closed(cause: string): void {
    this.#note(`closed ${cause}`)
  }

  answered(call: OutgoingCall, output: string): void {
    call.answered(output)
    this.#note(`answered ${output}`)
  }

  failed(call: OutgoingCall, error: string): void {
    call.failed(error)
    this.#note(`failed ${error}`)
  }

  lost(_call: OutgoingCall, isSent: boolean, cause: string): void {
    this.#note(`lost ${isSent ? 'sent' : 'unsent'} ${cause}`)
  }

  /** Resolves with the line that matches, or fails after 3 s. */
  async line(pattern: RegExp): Promise<string> {
    const untilMs = performance.now() + 3_000
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      const leftMs = untilMs - performance.now()
      assert.ok(leftMs > 0, `no ${String(pattern)} in ${JSON.stringify(this.lines)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #note(line: string): void {
    this.lines.push(line)
    this.#changed()
  }
}

interface Fixture {
  readonly server: Server
  readonly link: Link
  readonly told: Told
  /** Sends a call; it must be taken. */
  send(options?: FakeCallOptions & { readonly input?: string }): FakeCall
}

interface FixtureOptions {
  readonly handler?: Handler
  readonly bounds?: Partial<PostBounds>
  readonly kind?: 'unix' | 'tcp'
  /** Answers the sign of life. */
  readonly livez?: (response: ServerResponse) => void
}

async function open(t: TestContext, options: FixtureOptions = {}): Promise<Fixture> {
  const handler = options.handler ?? ((_request, response, body) => answer(response, body))
  const server = createServer((request, response) => {
    if (request.url === '/livez') return (options.livez ?? ((reply) => reply.end()))(response)
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => void (body += chunk))
    request.on('end', () => handler(request, response, body))
  })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = await listen(t, server, options.kind ?? 'tcp')
  const { link, told } = connect(endpoint, options.bounds)
  t.after(() => link.close(0))
  const send: Fixture['send'] = ({ input, ...asked } = {}) => {
    const call = new FakeCall(new FakeClock(), asked)
    if (input !== undefined) Object.assign(call, { input })
    assert.equal(link.send(call), true)
    return call
  }
  return { server, link, told, send }
}

async function listen(t: TestContext, server: Server, kind: 'unix' | 'tcp'): Promise<Endpoint> {
  if (kind === 'tcp') {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { kind, host: '127.0.0.1', port }
  }
  const folder = await mkdtemp(join(tmpdir(), 'banyan-post-'))
  t.after(() => rm(folder, { recursive: true }))
  server.listen(join(folder, 's'))
  await once(server, 'listening')
  return { kind, path: join(folder, 's') }
}

function connect(
  endpoint: Endpoint,
  bounds: Partial<PostBounds> = {},
): { readonly link: Link; readonly told: Told } {
  const told = new Told()
  const address: InstanceAddress = { id: 'a', service: 'sales', modules: ['stock'], endpoint }
  const clock = createSystemClock()
  const carrier = createPostCarrier({ clock, service: 'edge', application: 'shop', bounds })
  return { link: carrier.open(address, told), told }
}

function answer(response: ServerResponse, body: string, outcome = 'answered'): void {
  response.writeHead(outcome === 'answered' ? 200 : 409, { [postHeader.outcome]: outcome })
  response.end(body)
}

for (const kind of ['tcp', 'unix'] as const) {
  test(`a call is one POST that says all a caller says, and its body is the input (${kind})`, async (t) => {
    const seen: unknown[] = []
    const { send, told } = await open(t, {
      kind,
      handler: (request, response, body) => {
        const headers = tryDecodePostHeaders(request.headers)
        seen.push([request.method, request.url, body, headers?.service, headers?.idempotencyKey])
        answer(response, '{"a":"ä"}')
      },
    })
    await told.line(/opened/)
    const call = send({ kind: 'command', input: '{"sku":"ü"}' })
    await told.line(/answered/)
    assert.equal(call.outcome, 'answered {"a":"ä"}')
    assert.deepEqual(seen, [['POST', '/rpc/stock/act', '{"sku":"ü"}', 'edge', 'a key']])
  })
}

test('calls one after the other share a connection; calls at once have one each', async (t) => {
  const { send, server, told, link } = await open(t)
  let connections = 0
  server.on('connection', () => connections++)
  await told.line(/opened/)
  for (let count = 1; count <= 5; count++) {
    send()
    while (link.inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const before = connections
  assert.ok(before <= 1, String(before))
  for (let count = 0; count < 4; count++) send()
  assert.equal(link.inFlight, 4)
  while (link.inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(connections > before && connections <= 4, String(connections))
})

test('what the callee failed with arrives as it wrote it', async (t) => {
  const { send, told } = await open(t, {
    handler: (_request, response) => answer(response, '{"code":"X"}', 'failed'),
  })
  await told.line(/opened/)
  const call = send()
  await told.line(/failed/)
  assert.equal(call.outcome, 'failed {"code":"X"}')
})

test('an answer of something on the road is no answer', async (t) => {
  const { send, told } = await open(t, {
    handler: (_request, response) => void response.writeHead(502).end('Bad Gateway'),
  })
  await told.line(/opened/)
  send()
  assert.equal(await told.line(/lost/), 'lost sent status 502 from something on the road')
})

test('a callee that dies at work, or in the middle of its answer, loses a call that was sent', async (t) => {
  for (const half of [false, true]) {
    const { send, told } = await open(t, {
      handler: (_request, response) => {
        if (half) response.writeHead(200, { 'content-length': 9, [postHeader.outcome]: 'answered' })
        if (half) response.write('{"a')
        setImmediate(() => response.socket?.destroy())
      },
    })
    await told.line(/opened/)
    send()
    await told.line(/lost sent /)
    assert.ok(!told.lines.some((line) => line.startsWith('closed')), 'one call is not the link')
  }
})

test('an instance that is not there is said so, and the link never opens', async (t) => {
  const server = createServer()
  const endpoint = await listen(t, server, 'tcp')
  server.close()
  await once(server, 'close')
  const { told } = connect(endpoint)
  assert.match(await told.line(/closed/), /ECONNREFUSED/)
  assert.deepEqual(told.lines.length, 1)
})

test('an instance that gives no sign of life is not waited for', async (t) => {
  const { told } = await open(t, { livez: () => {}, bounds: { connectTimeoutMs: 50 } })
  assert.equal(await told.line(/closed/), 'closed no sign of life within 50 ms')
  assert.equal(told.lines.length, 1)
})

test('a call whose connection is refused was not sent; the link takes no more and closes', async (t) => {
  const { link, send, server, told } = await open(t)
  await told.line(/opened/)
  server.close()
  server.closeAllConnections()
  await new Promise((resolve) => setTimeout(resolve, 20))
  send()
  assert.match(await told.line(/lost/), /^lost unsent .*ECONNREFUSED/)
  await told.line(/closed .*ECONNREFUSED/)
  assert.deepEqual(
    told.lines.map((line) => line.split(' ')[0]),
    ['opened', 'draining', 'lost', 'closed'],
  )
  assert.equal(link.send(new FakeCall(new FakeClock())), false)
})

test('an instance that says goodbye finishes its calls; then the link closes', async (t) => {
  const held: ServerResponse[] = []
  const { link, send, told } = await open(t, {
    handler: (_request, response, body) => {
      if (body === '"slow"') held.push(response)
      else {
        response.setHeader('connection', 'close')
        answer(response, '"bye"')
      }
    },
  })
  await told.line(/opened/)
  const slow = send({ input: '"slow"' })
  send()
  await told.line(/answered "bye"/)
  assert.ok(told.lines.includes('draining'))
  assert.equal(link.send(new FakeCall(new FakeClock())), false)
  for (const response of held) answer(response, '"done"')
  await told.line(/closed the instance is draining/)
  assert.equal(slow.outcome, 'answered "done"')
})

test('an instance that is going away is not connected anew', async (t) => {
  const { told } = await open(t, {
    livez: (response) => void response.setHeader('connection', 'close').end(),
  })
  await told.line(/closed the instance is draining/)
  assert.equal(told.lines.length, 1)
})

test('a cancelled call ends its request; the callee sees it, the caller hears no more', async (t) => {
  const arrived = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const { link, send, told } = await open(t, {
    handler: (_request, response) => {
      response.once('close', gone.resolve)
      arrived.resolve()
    },
  })
  await told.line(/opened/)
  const call = send()
  await arrived.promise
  link.cancel(call)
  await gone.promise
  assert.equal(link.inFlight, 0)
  link.cancel(call)
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(told.lines, ['opened'])
})

test('a link takes calls up to its bound', async (t) => {
  const { link, send, told } = await open(t, { handler: () => {}, bounds: { inFlightMax: 2 } })
  assert.equal(link.send(new FakeCall(new FakeClock())), false)
  await told.line(/opened/)
  send()
  send()
  assert.equal(link.send(new FakeCall(new FakeClock())), false)
  assert.equal(link.inFlight, 2)
})

test('an input, an output or headers that are too large fail with their size', async (t) => {
  const { send, told } = await open(t, {
    bounds: { payloadBytesMax: 100, headerBytesMax: 2_000 },
    handler: (_request, response) => answer(response, 'x'.repeat(101)),
  })
  await told.line(/opened/)
  const large = send({ input: 'ä'.repeat(51) })
  const wordy = Object.assign(new FakeCall(new FakeClock()), { token: 't'.repeat(2_000) })
  const fine = send({ input: 'ä'.repeat(50) })
  await told.line(/REMOTE_OUTPUT_TOO_LARGE/)
  assert.match(large.outcome, /REMOTE_INPUT_TOO_LARGE.*"bytes":102,"limit":100,"part":"input"/)
  assert.match(fine.outcome, /REMOTE_OUTPUT_TOO_LARGE.*"bytes":101,"limit":100/)
  const { link, told: more } = await open(t, { bounds: { headerBytesMax: 2_000 } })
  await more.line(/opened/)
  link.send(wordy)
  await more.line(/REMOTE_INPUT_TOO_LARGE/)
  assert.match(wordy.outcome, /"part":"headers"/)
})

test('a link that closes lets calls end, and cuts off what has not at its deadline', async (t) => {
  const held: ServerResponse[] = []
  const { link, send, server, told } = await open(t, {
    handler: (_request, response) => void held.push(response),
  })
  await told.line(/opened/)
  const calls = [send(), send()]
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 2))
  const closed = link.close(150)
  assert.equal(link.send(new FakeCall(new FakeClock())), false)
  answer(held[0] as ServerResponse, '"in time"')
  await told.line(/answered/)
  await closed
  await link.close(150)
  assert.deepEqual(calls.map(({ outcome }) => outcome).sort(), ['', 'answered "in time"'])
  assert.ok(told.lines.includes('lost sent closed before it was answered'))
  assert.equal(told.lines.filter((line) => line.startsWith('closed')).length, 1)
  for (let tries = 0; tries < 100 && (await connectionsOf(server)) > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.equal(await connectionsOf(server), 0)
})

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
