import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
/** Below the repository, so that the packages of its workspaces are found. */
const folder = join(root, '.cache/tutorial/furniture')
const options = ['--conditions=source', '--disable-warning=ExperimentalWarning']
const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
const environment = { ...inherited, BANYAN_DRAIN_NOTICE: '0ms' }
const page = readFileSync(join(import.meta.dirname, 'adopt-one-module.md'), 'utf8')

const readText = (file: string): string => readFileSync(join(folder, file), 'utf8')
const writeText = (file: string, text: string): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

/** Writes the files that a reader of the tutorial has, with ports that are free here.
 *  @returns the port of the warehouse */
async function writeApplication(): Promise<number> {
  rmSync(folder, { recursive: true, force: true })
  const port = await findFreePort()
  const blocks = page.matchAll(/<!-- snippet: file=(\S+) -->\n```\w+\n([\s\S]*?)```\n/g)
  for (const [, file = '', content = ''] of blocks) {
    writeText(file, content.replaceAll('7400', String(port)).replace('port: 3000', 'port: 0'))
  }
  return port
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function run(args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, ...args], {
    ...{ cwd: root, env: environment, encoding: 'utf8', timeout: 60_000 },
  })
  return { code: status, output: stdout + stderr }
}

/** One of the tutorial's processes, ended when disposed. */
class Running implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #output = ''

  constructor(file: string) {
    const args = [...options, join(folder, file)]
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    this.#child = spawn(process.execPath, args, {
      ...{
        cwd: root,
        env: environment,
        stdio: [...stdio],
        timeout: 120_000,
        killSignal: 'SIGKILL',
      },
    })
    this.#closed = once(this.#child, 'close')
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text) => {
        this.#output += String(text)
      })
    }
  }

  /** Waits for a line. @throws with all that was written when the process ends before */
  async see(pattern: RegExp): Promise<string> {
    const ended = this.#closed.then(() => true)
    for (;;) {
      const found = pattern.exec(this.#output)
      if (found !== null) return found[1] ?? ''
      const written = this.#child.stdout === null ? ended : once(this.#child.stdout, 'data')
      if ((await Promise.race([ended, written])) === true && !pattern.test(this.#output)) {
        throw new Error(`no ${pattern} in:\n${this.#output}`)
      }
    }
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    await this.#closed
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.end('SIGKILL')
  }
}

async function openWarehouse(): Promise<Running> {
  const warehouse = new Running('warehouse.ts')
  await warehouse.see(/the warehouse is open/)
  return warehouse
}

async function openServer(): Promise<{ readonly server: Running; readonly url: string }> {
  const server = new Running('server.ts')
  return { server, url: await server.see(/serving at (\S+)/) }
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function get(url: string): Promise<Answer> {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

async function order(url: string, key: string, count: number): Promise<Answer> {
  const response = await fetch(`${url}/api/quotes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ sku: 'chair', count }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const twoChairs: Answer = { status: 200, body: { totalMinor: '9800', left: 3 } }

async function assertServes(url: string, left: number): Promise<void> {
  assert.deepEqual(await get(`${url}/hours`), { status: 200, body: { open: '9-18' } })
  assert.deepEqual(await get(`${url}/api/quotes/chair`), {
    status: 200,
    body: { priceMinor: '4900', left },
  })
}

async function inOneProcess(): Promise<void> {
  const { server, url } = await openServer()
  await using _server = server
  await assertServes(url, 5)
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(await order(url, 'an-order-of-two-chairs', 2), twoChairs)
  }
  await assertServes(url, 3)
  assert.equal(await server.end('SIGTERM'), 0)
}

/** The module is called where it is now; its process dies and comes back. */
async function inTwoProcesses(port: number): Promise<void> {
  writeText('runtime.ts', readText('runtime-placed.ts'))
  const { server, url } = await openServer()
  await using _server = server
  const first = await openWarehouse()
  await using _first = first
  await assertServes(url, 3)
  assert.deepEqual(await order(url, 'an-order-of-two-chairs', 2), twoChairs)
  const refused = await order(url, 'an-order-of-many-chairs', 9)
  assert.deepEqual([refused.status, refused.body['code']], [409, 'QUOTES_SOLD_OUT'])
  assert.deepEqual(refused.body['details'], { sku: 'chair', left: 3 })
  assert.equal(await askAsStranger(port), 200)
  await first.end('SIGKILL')
  const away = [await get(`${url}/api/quotes/chair`), await order(url, 'an-order-of-one-chair', 1)]
  for (const { status, body } of away) {
    assert.deepEqual([status, body['code']], [503, 'REMOTE_UNREACHABLE'])
  }
  assert.equal((await get(`${url}/hours`)).status, 200)
  const second = await openWarehouse()
  await using _second = second
  await assertAccepted(url)
  assert.equal(await server.end('SIGTERM'), 0)
  assert.equal(await second.end('SIGTERM'), 0)
}

/** The order that was refused is accepted under its key, once; links need a moment to come back. */
async function assertAccepted(url: string): Promise<void> {
  const key = 'an-order-of-one-chair'
  let answer = await order(url, key, 1)
  for (let time = 0; time < 20 && answer.status === 503; time++) answer = await order(url, key, 1)
  assert.deepEqual(answer, { status: 200, body: { totalMinor: '4900', left: 2 } })
  assert.deepEqual(await order(url, key, 1), answer)
  await assertServes(url, 2)
}

const certs = ['certs', '--topology', join(folder, 'topologies/adopted.ts')]

/** The two prove who they are, and a stranger cannot. */
async function withCertificates(port: number): Promise<void> {
  const [, line = ''] = /topology -->\n```ts\n(.*)\n```/.exec(page) ?? []
  const topology = readText('topologies/adopted.ts')
  writeText('topologies/adopted.ts', topology.replace(/^ {2}calls: .*$/m, line))
  assert.match(readText('topologies/adopted.ts'), /mtls: true/)
  await using refused = new Running('warehouse.ts')
  await assert.rejects(refused.see(/the warehouse is open/), /REMOTE_CERTIFICATES_INVALID/)
  const made = run(['framework/src/cli/main.ts', ...certs])
  assert.equal(made.code, 0, made.output)
  assert.match(made.output, /^desk +spiffe:\/\/furniture\/desk .*new$/m)
  const warehouse = await openWarehouse()
  await using _warehouse = warehouse
  const { server, url } = await openServer()
  await using _server = server
  await assertServes(url, 2)
  await assert.rejects(askAsStranger(port))
  assert.equal(await server.end('SIGTERM'), 0)
  assert.equal(await warehouse.end('SIGTERM'), 0)
}

/** What anybody who reaches the port could send. */
async function askAsStranger(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/livez`)
  return response.status
}

test('a module is adopted by a Fastify server, and the one that it calls moves out, without a change', async () => {
  const port = await writeApplication()
  const tested = run(['--test', join(folder, 'src/quotes/quotes.test.ts')])
  assert.equal(tested.code, 0, tested.output)
  assert.match(tested.output, /pass 2\b/)
  const checked = run(['framework/src/cli/main.ts', 'check', folder])
  assert.equal(checked.code, 0, checked.output)
  await inOneProcess()
  await inTwoProcesses(port)
  await withCertificates(port)
})
