import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { Application } from '../module/index.ts'
import { sampleApplication, type Sample } from './application.fixture.ts'
import type { TopologyDeclaration } from './declaration.ts'
import { describeDiff } from './describe-diff.ts'
import { describeOrigins, describePlan } from './describe-plan.ts'
import { diffPlans, isSamePlan } from './diff-plans.ts'
import { topologyInvalid } from './errors.ts'
import type { Plan } from './plan.ts'
import { planOf } from './plan-of.ts'
import { planSchema } from './plan-schema.ts'
import { warningsOf } from './warnings.ts'

/** Applications of 1 to 6 modules; each may use those before it. */
const applications: fc.Arbitrary<Application> = fc
  .array(
    fc.record({
      uses: fc.array(fc.nat(5), { maxLength: 3 }),
      hasTables: fc.boolean(),
      hasSchedules: fc.boolean(),
      publicOperations: fc.nat(2),
      timeout: fc.constantFrom('1s', '5s', '15s'),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((drafts) => {
    const samples = drafts.map(({ uses, ...rest }, index): Sample => {
      const before = [...new Set(uses)].filter((used) => used < index)
      return { ...rest, name: `m${index}`, uses: before.map((used) => `m${used}`) }
    })
    return sampleApplication(samples)
  })

/** Topologies that are good whatever the application: modules are dealt to services, the pools fit. */
function topologiesOf(application: Application): fc.Arbitrary<TopologyDeclaration> {
  const names = application.modules.map(({ contract }) => contract.name)
  return fc
    .record({
      homes: fc.array(fc.nat(3), { minLength: names.length, maxLength: names.length }),
      instances: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
      rest: fc.record(
        {
          calls: fc.constantFrom(
            {},
            { transport: 'tcp', mtls: true },
            { carrier: 'post', connections: 4 },
          ),
          gateway: fc.constantFrom(
            'none',
            { engine: 'haproxy' },
            {
              engine: 'haproxy',
              retries: false,
              checkEvery: 250,
            },
          ),
          listen: fc.record({ port: fc.integer({ min: 1, max: 65_000 }) }, { requiredKeys: [] }),
          drain: fc.record({ notice: fc.constantFrom('500ms', 2_000) }, { requiredKeys: [] }),
          timeouts: fc.record({ client: fc.constantFrom('30s', '2m') }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ homes, instances, rest }) => {
      const used = [...new Set(homes)].sort((left, right) => left - right)
      const services = used.map((home, index) => {
        const modules = names.filter((_, position) => homes[position] === home)
        return [`s${home}`, { modules, instances: instances[index] ?? 1 }] as const
      })
      const edge = { runs: ['http'], instances: instances[4] ?? 1 } as const
      return { services: { edge, ...Object.fromEntries(services) }, ...rest } as TopologyDeclaration
    })
}

const cases = applications.chain((application) =>
  fc.record({
    application: fc.constant(application),
    from: topologiesOf(application),
    to: topologiesOf(application),
    environment: fc.record({ BANYAN_TRANSACTIONS_MAX: fc.constant('2') }),
  }),
)

const valid = new Ajv2020({ strict: true }).compile(planSchema())

function planIn(application: Application, topology: TopologyDeclaration): Plan {
  const environment = { BANYAN_TRANSACTIONS_MAX: '2' }
  return planOf({ application, name: 'random', topology, environment, flags: [] })
}

test('good topologies are planned, always alike, and their plans satisfy the schema', () => {
  fc.assert(
    fc.property(cases, ({ application, to }) => {
      const plan = planIn(application, to)
      assert.deepEqual(planIn(application, structuredClone(to)), plan)
      assert.ok(valid(JSON.parse(JSON.stringify(plan))), JSON.stringify(valid.errors))
      assert.ok(isSamePlan(diffPlans(plan, plan, application)))
      assert.match(describePlan(plan, application), /^random: the topology of bazaar\n/)
      assert.ok(Array.isArray(warningsOf(plan, application)))
    }),
    { numRuns: 200 },
  )
})

test('every value of a plan has a layer, and every layer names a value', () => {
  fc.assert(
    fc.property(cases, ({ application, to }) => {
      const plan = planIn(application, to)
      assert.deepEqual(Object.keys(plan.origins).sort(), pathsIn(plan).sort())
      assert.equal(describeOrigins(plan).split('\n').length, Object.keys(plan.origins).length + 1)
    }),
    { numRuns: 100 },
  )
})

test('a difference read backwards is the difference of the way back', () => {
  fc.assert(
    fc.property(cases, ({ application, from, to }) => {
      const [before, after] = [planIn(application, from), planIn(application, to)]
      const there = diffPlans(before, after, application)
      const back = diffPlans(after, before, application)
      assert.deepEqual(there.links, { from: back.links.to, to: back.links.from })
      assert.equal(there.uses.length, back.uses.length)
      assert.equal(there.modules.length, back.modules.length)
      assert.deepEqual(
        [there.connections.from, there.connections.to],
        [back.connections.to, back.connections.from],
      )
      const { from: a, to: b, sideBySide } = there.connections
      assert.ok(sideBySide >= Math.max(a, b) && sideBySide <= a + b)
      assert.match(describeDiff(there), /source changes needed: 0 files$/)
    }),
    { numRuns: 200 },
  )
})

test('whatever is planned is planned or refused with coded problems, never otherwise', () => {
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withMap: true, maxDepth: 3 }),
    fc.record({ services: fc.dictionary(fc.string({ maxLength: 6 }), fc.anything()) }),
    fc.record({ services: fc.constant({ app: {} }), drain: fc.anything(), calls: fc.anything() }),
  )
  const application = sampleApplication([{ name: 'm0', hasTables: true }])
  fc.assert(
    fc.property(anything, fc.array(fc.string({ maxLength: 20 })), (topology, flags) => {
      try {
        planOf({
          application,
          name: 'any',
          topology: topology as TopologyDeclaration,
          environment: {},
          flags,
        })
      } catch (error) {
        assert.ok(topologyInvalid.is(error), String(error))
        assert.ok(error.details.problems.length > 0)
        for (const { code, path, message, fix } of error.details.problems) {
          assert.match(code, /^TOPOLOGY_[A-Z_]+$/)
          assert.ok(path !== '' && message !== '' && fix !== '')
        }
      }
    }),
    { numRuns: 500 },
  )
})

/** The path of every value that a layer sets. */
function pathsIn(plan: Plan): string[] {
  const { services, database, calls, gateway, messages, listen, drain, timeouts } = plan
  const parts: Readonly<Record<string, object | undefined>> = {
    ...{ database, calls, gateway, messages, listen, drain, timeouts },
  }
  return [
    'availability',
    ...services.flatMap(({ name, ...rest }) => leaves(`services.${name}`, rest)),
    ...Object.entries(parts).flatMap(([key, part]) =>
      part === undefined ? [key] : leaves(key, part),
    ),
  ]
}

function leaves(path: string, value: object): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? leaves(`${path}.${key}`, inner)
      : [`${path}.${key}`],
  )
}
