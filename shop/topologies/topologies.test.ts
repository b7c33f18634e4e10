import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { diffPlans, type Plan, planOf, type TopologyDeclaration, warningsOf } from 'banyan/topology'
import { shop } from '../src/application.ts'
import dev from './dev.ts'
import peak from './peak.ts'
import split from './split.ts'

const topologies = { dev, split, peak }

function planned(name: string, topology: TopologyDeclaration): Plan {
  return planOf({ application: shop, name, topology, environment: {}, flags: [] })
}

const plans = Object.entries(topologies).map(([name, topology]) => planned(name, topology))

test('every topology of the folder is planned without a warning', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter(
    (file) => !file.includes('.test.'),
  )
  assert.deepEqual(
    files.sort(),
    Object.keys(topologies)
      .map((name) => `${name}.ts`)
      .sort(),
  )
  for (const plan of plans) assert.deepEqual(warningsOf(plan, shop), [], plan.topology)
})

test('the running shop can be moved from each topology to each other on the embedded PostgreSQL', () => {
  for (const from of plans) {
    for (const to of plans) {
      const { connections } = diffPlans(from, to, shop)
      const { sideBySide, reserved, limit } = connections
      assert.ok(sideBySide + reserved <= limit, `${from.topology} → ${to.topology}: ${sideBySide}`)
    }
  }
})

test('split takes the way to an order apart from money, and makes calls of the uses between', () => {
  const [one, several] = plans
  assert.ok(one !== undefined && several !== undefined)
  const { uses, sourceFiles } = diffPlans(one, several, shop)
  assert.deepEqual(
    uses.filter(({ to }) => to === 'remote').map(({ user, used }) => `${user} → ${used}`),
    [
      'inventory → catalog',
      'cart → catalog',
      'orders → ledger',
      'orders → payments',
      'notifications → orders',
      'purchasing → inventory',
      'checkout → catalog',
      'checkout → ledger',
      'checkout → payments',
    ],
  )
  assert.equal(sourceFiles, 0)
})

test('peak claims to survive the loss of any instance, and cannot claim it with one less', () => {
  const plan = planned('peak', peak)
  assert.equal(plan.availability, true)
  assert.ok(plan.services.every(({ instances }) => instances >= 2))
  const options = { application: shop, name: 'peak', topology: peak, environment: {} }
  assert.throws(
    () => planOf({ ...options, flags: ['services.money.instances=1'] }),
    /TOPOLOGY_INSTANCES_FEW {2}availability is claimed, but services\.money\.instances is 1/,
  )
})
