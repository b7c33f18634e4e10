/**
 * By hand: `node --conditions=source framework/src/remote/frames/frames.bench.ts [tcp|unix|mtls|http …]`
 * (needs `taskset`; `mtls` needs `openssl`). The callee, on core 0, echoes; the caller, on core 1, keeps
 * 64 calls in flight (`--callers=n`). It is the carrier alone: no schemas, no handlers, no spans.
 * `http` is node:http with keep-alive and one request per call, what the figures are to be compared with.
 * `--profile` writes a .cpuprofile of both processes into the folder for temporary files.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OutgoingCall, Receiver } from '../../call/index.ts'
import { createSystemClock, createSystemRandom } from '../../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../../telemetry/index.ts'
import { CertificateFolder } from '../certificates.fixture.ts'
import { startPeerListener } from '../peer-listener.ts'
import type { Endpoint, Link } from '../port.ts'
import { watchCertificates } from '../tls.ts'
import { createFramesCarrier } from './frames-carrier.ts'

const modes = ['tcp', 'unix', 'mtls', 'http'] as const
type Mode = (typeof modes)[number]

const clock = createSystemClock()
const application = 'bench'
const input = JSON.stringify({
  ...{ orderId: '0192f0c1-7d7a-7b5e-9a3e-1a2b3c4d5e6f', customer: 'cus_9f8a7b6c', currency: 'EUR' },
  ...{ country: 'DE', email: 'someone@example.org', priority: true, total: 12_999 },
  ...{ note: 'leave at the door', createdOn: '2026-11-22', address: 'Some street 12' },
})

const echo: Receiver = {
  receive(call, sink) {
    sink.answered(call.input)
    return { cancel() {} }
  },
}

const tlsOf = (folder: string, service: string) => watchCertificates({ folder, service, clock })

async function serve(mode: Mode, folder: string): Promise<void> {
  process.once('disconnect', () => process.exit())
  if (mode === 'http') {
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => response.end(Buffer.concat(chunks)))
    })
    server.listen(0, '127.0.0.1', () => {
      process.send?.({
        kind: 'tcp',
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
      })
    })
    return
  }
  const sink = createMemorySink()
  const random = createSystemRandom()
  const listener = await startPeerListener({
    ...{ clock, application, service: 'sales', instance: 'sales-1', receiver: echo },
    ...(mode === 'mtls' ? { tls: await tlsOf(folder, 'sales') } : {}),
    endpoint:
      mode === 'unix'
        ? { kind: 'unix', path: join(folder, 'sales.sock') }
        : { kind: 'tcp', host: '127.0.0.1', port: 0 },
    telemetry: createTelemetry({ clock, random, service: 'sales', sink }),
    policy: () => undefined,
  })
  process.send?.(listener.endpoint)
}

/** One of the callers: calls again as soon as it is answered. */
class BenchCall implements OutgoingCall {
  readonly operation = 'inventory.reserve'
  readonly module = 'inventory'
  readonly isCommand = true
  readonly callerModule = 'checkout'
  readonly isAuthorized = true
  readonly input = input
  readonly remainingMs = 5_000
  readonly timeoutMs = 5_000
  readonly principal = { subject: '0192f0c1-7d7a-7b5e-9a3e-000000000001', roles: ['customer'] }
  readonly trace = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    isSampled: true,
  }
  readonly idempotencyKey = '0192f0c1-7d7a-7b5e-9a3e-1a2b3c4d5e6f'
  readonly criticality = 'default'
  readonly token = undefined
  isSettled = false
  senderSlot = -1
  readonly #ended: (output: string) => void

  constructor(ended: (output: string) => void) {
    this.#ended = ended
  }

  answered(output: string): void {
    this.isSettled = true
    this.#ended(output)
  }

  failed(error: string): void {
    throw new Error(error)
  }

  lost(error: Error): void {
    throw error
  }
}

async function openLink(mode: Mode, endpoint: Endpoint, folder: string): Promise<Link> {
  const carrier = createFramesCarrier({
    ...{ clock, service: 'edge', application },
    ...(mode === 'mtls' ? { tls: await tlsOf(folder, 'edge') } : {}),
  })
  return new Promise((resolve, reject) => {
    const link = carrier.open(
      { id: 'sales-1', service: 'sales', modules: ['inventory'], endpoint },
      {
        opened: () => resolve(link),
        draining() {},
        closed: (cause) => reject(new Error(cause)),
        answered: (call, output) => call.answered(output),
        failed: (call, error) => call.failed(error),
        lost: (_call, _isSent, cause) => reject(new Error(cause)),
      },
    )
  })
}

function postBody(agent: Agent, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': input.length }
    const asked = request({ agent, host: '127.0.0.1', port, method: 'POST', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve(text))
    })
    asked.on('error', reject)
    asked.end(input)
  })
}

async function createCaller(
  mode: Mode,
  endpoint: Endpoint,
  folder: string,
): Promise<() => Promise<string>> {
  if (mode === 'http') {
    const agent = new Agent({ keepAlive: true, maxSockets: 64 })
    const port = endpoint.kind === 'tcp' ? endpoint.port : 0
    return () => postBody(agent, port)
  }
  const link = await openLink(mode, endpoint, folder)
  return () =>
    new Promise((resolve, reject) => {
      if (!link.send(new BenchCall(resolve))) reject(new Error('refused'))
    })
}

async function call(mode: Mode, folder: string): Promise<void> {
  const [endpoint] = (await once(process, 'message')) as [Endpoint]
  const callers = Number(option('callers') ?? 64)
  const ask = await createCaller(mode, endpoint, folder)
  if ((await ask()) !== input) throw new Error('a wrong answer')
  let calls = 0
  let isOver = false
  const latenciesMs: number[] = []
  const caller = async (): Promise<void> => {
    while (!isOver) {
      const startMs = (calls & 15) === 0 ? clock.monotonicMs() : 0
      await ask()
      if (startMs > 0) latenciesMs.push(clock.monotonicMs() - startMs)
      calls++
    }
  }
  for (let index = 0; index < callers; index++) void caller()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  calls = 0
  latenciesMs.length = 0
  const startMs = clock.monotonicMs()
  const cpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, Number(option('seconds') ?? 3) * 1_000))
  const perSecond = calls / ((clock.monotonicMs() - startMs) / 1_000)
  const used = process.cpuUsage(cpu)
  isOver = true
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1e3)
  const cpuMicros = (used.user + used.system) / calls
  console.log(
    `${mode.padEnd(5)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} calls/s  ` +
      `p50 ${at(0.5)} µs  p99 ${at(0.99)} µs  caller ${cpuMicros.toFixed(2)} µs CPU/call`,
  )
  process.send?.('done')
  setTimeout(() => process.exit(), 50)
}

function option(name: string): string | undefined {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1]
}

function start(role: string, mode: Mode, folder: string): ChildProcess {
  const core = role === 'serve' ? '0' : '1'
  const profile = process.argv.includes('--profile')
    ? ['--cpu-prof', '--cpu-prof-dir', join(tmpdir(), `frames-${mode}-${role}`)]
    : []
  const flags = process.argv.filter((word) => word.startsWith('--'))
  return spawn(
    'taskset',
    [
      ...['-c', core, process.execPath, ...profile, '--conditions=source'],
      ...[fileURLToPath(import.meta.url), role, mode, folder, ...flags],
    ],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
}

async function run(mode: Mode): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'frames-bench-'))
  if (mode === 'mtls') {
    const certificates = new CertificateFolder(folder).authority()
    for (const name of ['sales', 'edge']) {
      certificates.issue(name, { id: `spiffe://${application}/${name}` })
    }
  }
  const server = start('serve', mode, folder)
  const [endpoint] = (await once(server, 'message')) as [Endpoint]
  const client = start('call', mode, folder)
  client.send(endpoint)
  await once(client, 'exit')
  server.disconnect()
  await once(server, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

const [role, mode, folder = ''] = process.argv.slice(2)
if (role === 'serve') await serve(mode as Mode, folder)
else if (role === 'call') await call(mode as Mode, folder)
else {
  const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  for (const one of modes) if (asked.length === 0 || asked.includes(one)) await run(one)
}
