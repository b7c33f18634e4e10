import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { topologyPlanMalformed } from './errors.ts'
import type { Plan } from './plan.ts'
import { parsePlan, planSchema } from './plan-schema.ts'
import { planned } from './planned.fixture.ts'

const valid = new Ajv2020({ strict: true }).compile(planSchema())
const jsonOf = (plan: Plan): unknown => JSON.parse(JSON.stringify(plan))

const plans = {
  'with everything': planned({
    services: { edge: { runs: ['http'], instances: 2 }, rest: { modules: '*', instances: 2 } },
    gateway: { engine: 'haproxy' },
    calls: { transport: 'tcp', mtls: true },
    availability: true,
  }),
  'with nothing': planned({ services: { app: {} } }),
}

for (const [title, plan] of Object.entries(plans)) {
  test(`a plan ${title} satisfies its schema and survives being JSON`, () => {
    assert.ok(valid(jsonOf(plan)), JSON.stringify(valid.errors))
    assert.deepEqual(parsePlan(JSON.stringify(plan)), plan)
    assert.deepEqual(parsePlan(jsonOf(plan)), plan)
  })
}

test('schema and parser refuse the same plans', () => {
  const plan = jsonOf(plans['with everything']) as Record<string, unknown>
  const broken: readonly Record<string, unknown>[] = [
    { ...plan, format: 2 },
    { ...plan, services: [] },
    { ...plan, extra: true },
    { ...plan, origins: { 'listen.port': 'guess' } },
    { ...plan, listen: { host: 'localhost', port: 65_536 } },
    { ...plan, drain: { noticeMs: 0.5, deadlineMs: 1 } },
    { ...plan, gateway: null },
    { ...plan, calls: undefined },
    { ...plan, services: [{ name: 'App' }] },
  ]
  for (const json of broken) {
    assert.equal(valid(json), false)
    assert.throws(() => parsePlan(json), topologyPlanMalformed.is)
  }
})

test('a text that is no JSON is no plan, and the error says where it is wrong', () => {
  assert.throws(() => parsePlan('{'), topologyPlanMalformed.is)
  assert.throws(
    () => parsePlan({ ...plans['with nothing'], listen: { host: '', port: 'x' } }),
    (error) => topologyPlanMalformed.is(error) && error.message.includes('listen.port'),
  )
})
