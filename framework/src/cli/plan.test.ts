import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { banyan, type CommandOptions, type Ended } from './command.fixture.ts'
import { twoModules } from './project.fixture.ts'

const topologyOf = (declaration: string): string =>
  `import { topology } from 'banyan/topology'\n\nexport default topology(${declaration})\n`

const deskModule = `import { module } from 'banyan/module'
import { shelf } from '../shelf/contract.ts'
import { desk } from './contract.ts'

export const deskModule = module(desk, { uses: [shelf], handlers: { look: () => ({}) } })
`

let project: ReturnType<typeof twoModules>
before(() => {
  project = twoModules(deskModule, {
    'topologies/dev.ts': topologyOf("{ services: { app: { modules: '*' } } }"),
    'topologies/split.ts': topologyOf(
      "{ services: { front: { modules: ['desk'], runs: ['http'] }, back: { modules: ['shelf'] } } }",
    ),
    'topologies/bad.ts': topologyOf(
      "{ services: { app: { modules: ['desk', 'shelv'], instances: 0 } }, gateway: 'nginx' as 'none' }",
    ),
    'topologies/empty.ts': 'export const nothing = 1\n',
    'topologies/throws.ts': "\nthrow new Error('no luck')\n",
  })
})
after(() => project[Symbol.dispose]())

function plan(name: string, flags: readonly string[] = [], options: CommandOptions = {}) {
  return banyan(['plan', fileOf(name), ...flags], options)
}

const fileOf = (name: string): string => path.join(project.root, 'topologies', name)

function parsed({ exitCode, stdout, stderr }: Ended): Readonly<Record<string, unknown>> {
  assert.equal(exitCode, 0, stderr)
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>
}

test('plan prints a table of services, for the application around the topology file', async () => {
  const { exitCode, stdout, stderr } = await plan('split.ts')
  assert.equal(exitCode, 0, stderr)
  assert.match(stdout, /^split: the topology of library\n/)
  assert.match(stdout, /^ {2}front {4}1 +http +4096 +- +desk$/m)
  assert.match(stdout, /^ {2}back {5}1 +schedules, messages +4096 +1 × 1 × \(2 \+ 8\) +shelf$/m)
  assert.doesNotMatch(stdout, /set by/)
})

test('plan as JSON holds the plan with the layer of each value', async () => {
  const flags = ['--json', '--set', 'services.back.instances=3', '--set', 'gateway=haproxy']
  const answer = parsed(await plan('split.ts', flags, { env: { BANYAN_PORT: '4100' } }))
  const planned = answer['plan'] as {
    readonly services: readonly { readonly instances: number }[]
    readonly listen: object
    readonly origins: Readonly<Record<string, string>>
  }
  assert.equal(answer['schema'], 'banyan.plan/1')
  assert.deepEqual(answer['warnings'], [])
  assert.equal(planned.services[1]?.instances, 3)
  assert.deepEqual(planned.listen, { host: '127.0.0.1', port: 4_100 })
  const { origins } = planned
  assert.deepEqual(
    [
      ...[origins['services.back.instances'], origins['listen.port']],
      ...[origins['services.back.modules'], origins['calls.carrier']],
    ],
    ['flag', 'environment', 'file', 'default'],
  )
})

test('plan prints every value with its layer when asked to', async () => {
  const { stdout } = await plan('dev.ts', ['--origins'], { env: { DATABASE_URL: 'postgres://x' } })
  assert.match(stdout, /^ {2}database\.server +environment +environment$/m)
  assert.match(stdout, /^ {2}services\.app\.modules +shelf, desk +file$/m)
  assert.match(stdout, /^ {2}services\.app\.instances +1 +default$/m)
})

test('plan --from prints the difference, from a topology or from a plan that was written', async () => {
  const from = ['--from', fileOf('dev.ts')]
  const { exitCode, stdout } = await plan('split.ts', from)
  assert.equal(exitCode, 0)
  assert.match(stdout, /^dev → split\n/)
  assert.match(stdout, /desk → shelf {2}now between processes, before in one process/)
  assert.match(stdout, /source changes needed: 0 files\n$/)
  const { plan: written } = parsed(await plan('dev.ts', ['--json']))
  project.write('plan.json', JSON.stringify(written))
  const fromPlan = ['--from', path.join(project.root, 'plan.json')]
  assert.equal((await plan('split.ts', fromPlan)).stdout, stdout)
  const { difference } = parsed(await plan('split.ts', [...from, '--json']))
  assert.deepEqual((difference as { topologies: object }).topologies, { from: 'dev', to: 'split' })
  assert.match((await plan('dev.ts', from)).stdout, /^dev → dev\n\nnothing changes\n/)
})

test('plan tells all that is wrong with a topology, and ends with 78', async () => {
  const { exitCode, stdout, stderr } = await plan('bad.ts')
  assert.deepEqual([exitCode, stdout], [78, ''])
  assert.match(stderr, /^TOPOLOGY_INVALID {2}the topology "bad" cannot be planned:\n/)
  assert.match(stderr, /TOPOLOGY_MODULE_UNKNOWN {2}.*\n {4}fix {3}Did you mean shelf\?\n/)
  assert.match(stderr, /TOPOLOGY_VALUE_OUT_OF_RANGE {2}services\.app\.instances is 0/)
  const { stderr: text } = await plan('bad.ts', ['--json'])
  const { error } = JSON.parse(text) as { error: { problems: { code: string; path: string }[] } }
  assert.deepEqual(
    error.problems.map(({ code, path: place }) => [code, place]),
    [
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.app.instances'],
      ['TOPOLOGY_ENGINE_UNKNOWN', 'gateway.engine'],
      ['TOPOLOGY_MODULE_UNKNOWN', 'services.app.modules[1]'],
    ],
  )
})

test('warnings are printed and do not change the exit code', async () => {
  const { exitCode, stdout } = await plan('dev.ts', ['--set', 'drain.deadline=2s'])
  assert.equal(exitCode, 0)
  assert.match(stdout, /\n\nwarning {2}TOPOLOGY_DRAIN_SHORT {2}drain\.deadline \(2s\)/)
})

test('a topology file that is missing, empty or throws is a coded error with its place', async () => {
  const missing = await plan('missing.ts')
  assert.equal(missing.exitCode, 78)
  assert.match(missing.stderr, /^CLI_TOPOLOGY_MISSING .*missing\.ts/)
  assert.match((await plan('empty.ts')).stderr, /^CLI_TOPOLOGY_BROKEN .*no default export/)
  assert.match((await plan('throws.ts')).stderr, /^CLI_TOPOLOGY_BROKEN .*throws\.ts:2:7 .*no luck/)
})

test('a topology outside of an application needs its folder', async () => {
  const outside = path.join(import.meta.dirname, 'plan.test.ts')
  const lost = await banyan(['plan', outside])
  assert.equal(lost.exitCode, 78)
  assert.match(lost.stderr, /^CLI_APPLICATION_MISSING/)
  const named = await banyan(['plan', fileOf('dev.ts'), project.root])
  assert.equal(named.exitCode, 0, named.stderr)
})
