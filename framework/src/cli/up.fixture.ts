/** Fixtures of the tests of `banyan up`; nothing else imports them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type ProcessTable, runFolderAt } from '../cluster/index.ts'
import { banyan, Command, waitUntilAlone } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

/** The options of a test that needs HAProxy: skipped where there is none, unless engines are required. */
export const haproxy: { readonly skip?: string } = (() => {
  if (spawnSync('haproxy', ['-v']).status === 0) return {}
  if (process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error('haproxy is not installed')
  return { skip: 'haproxy is not installed: npm run engines' }
})()

const head = "import { topology } from 'banyan/topology'\nexport default topology("
const quick = `drain: { notice: '50ms', deadline: '5s' }, listen: { host: '127.0.0.1', port: 0 }`

/** The library in several topologies: `one` process, `two` services, `wide` with two of each, `fronted`
 *  by a gateway. Instances drain in an instant. */
export function libraryProject(port: number = 0): ProjectFolder {
  const settings = quick.replace('port: 0', `port: ${port}`)
  const file = (services: string, more = ''): string =>
    `${head}{ services: { ${services} }, ${settings}, ${more} })\n`
  const edge = (instances: number): string => `edge: { runs: ['http'], instances: ${instances} }`
  const books = (instances: number): string =>
    `books: { modules: ['shelf'], runs: ['schedules'], instances: ${instances} }`
  return new ProjectFolder({
    'topologies/one.ts': file("app: { modules: '*' }"),
    'topologies/two.ts': file(`${edge(1)}, ${books(1)}`),
    'topologies/wide.ts': file(`${edge(1)}, ${books(2)}`),
    'topologies/fronted.ts': file(`${edge(2)}, ${books(2)}`, "gateway: { engine: 'haproxy' }"),
    'topologies/broken.ts': file(`${edge(1)}, ${books(1)}, more: { modules: ['shelv'] }`),
  })
}

/** `sales-2` of `sales-2-g7`. */
export function placeOf(id: string): string {
  return id.replace(/-g\d+$/, '')
}

/** `banyan up` on a project. */
export class Up implements AsyncDisposable {
  readonly command: Command
  readonly #project: ProjectFolder

  constructor(project: ProjectFolder, topology: string, ...flags: readonly string[]) {
    this.#project = project
    this.command = new Command(['up', this.file(topology), ...flags], { timeoutMs: 120_000 })
  }

  file(topology: string): string {
    return path.join(this.#project.root, 'topologies', `${topology}.ts`)
  }

  /** The address of the public HTTP, once everything serves. */
  async serving(): Promise<string> {
    const [, url = ''] = await this.command.see(/API {8}(http\S+)/)
    return url
  }

  async ps(): Promise<ProcessTable> {
    const { stdout, stderr } = await banyan(['ps', this.#project.root, '--json'])
    assert.equal(stderr, '')
    return JSON.parse(stdout) as ProcessTable
  }

  /** Process ids by name; generations are left away where they are not asked for. */
  async pids(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.ps()
    return Object.fromEntries(rows.map(({ id, pid }) => [id, pid ?? -1]))
  }

  async stop(): Promise<number | null> {
    this.command.signalGroup('SIGINT')
    return (await this.command.ended).exitCode
  }

  /** Whether everything has ended and nothing is left that would be in the way. */
  async assertNothingLeft(limitMs: number): Promise<void> {
    assert.deepEqual(await waitUntilAlone(this.#project.root, limitMs), [])
    const { stateFolder } = this.#project
    assert.equal(existsSync(path.join(stateFolder, 'postgres', 'lock')), false)
    assert.equal(existsSync(runFolderAt(stateFolder).control), false)
  }

  /** Also ends what a supervisor left that the test killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]()
    await banyan(['down', this.#project.root])
  }
}
