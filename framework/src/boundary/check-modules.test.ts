import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  boundaryFileUnreadable,
  boundaryImportComputed,
  boundaryImportCycle,
  boundaryImportForeign,
  boundaryModulesMissing,
  boundaryTableForeign,
  checkModules,
  renderViolation,
  type Violation,
} from './index.ts'
import { FileTree } from './file-tree.fixture.ts'

const clean = {
  'application.ts':
    "import { ordersModule } from './orders/module.ts'\nexport const app = [ordersModule]\n",
  'orders/contract.ts': "export const orders = contract('orders', {})\n",
  'orders/module.ts':
    "import { orders } from './contract.ts'\nexport const ordersModule = module(orders, {})\n",
  'orders/sql/0001-orders.sql': 'create table orders.order (id uuid primary key);\n',
  'inventory/contract.ts': "export const inventory = contract('inventory', {})\n",
  'inventory/module.ts':
    "import { orders } from '../orders/contract.ts'\nimport { reserve } from './reserve.ts'\nexport const inventoryModule = module(inventory, { uses: [orders] })\n",
  'inventory/reserve.ts': "export const reserve = (db) => db.selectFrom('inventory.stock')\n",
  'inventory/sql/0001-stock.sql': 'create table stock (sku text primary key);\n',
}

/** The violations of the clean application with these files planted in it. */
function violationsWith(planted: Readonly<Record<string, string>>): readonly Violation[] {
  using tree = new FileTree({ ...clean, ...planted })
  return checkModules({ root: tree.root }).violations
}

function places(violations: readonly Violation[]): string[] {
  return violations.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)
}

test('a clean application passes and the report says what was seen', () => {
  using tree = new FileTree(clean)
  const report = checkModules({ root: tree.root })
  assert.deepEqual(places(report.violations), [])
  assert.deepEqual(
    report.modules.map((module) => module.name),
    ['inventory', 'orders'],
  )
  assert.equal(report.fileCount, 8)
})

test('a folder without modules is refused instead of passing', () => {
  using tree = new FileTree({ 'readme.md': 'nothing' })
  assert.throws(() => checkModules({ root: tree.root }), boundaryModulesMissing.is)
})

test('every form of import of another module’s inside is found', () => {
  const forms = [
    "import { place } from '../orders/place.ts'",
    "import type { Place } from '../orders/place.ts'",
    "export { place } from '../orders/place.ts'",
    "export * from '../orders/place.ts'",
    "const lazy = () => import('../orders/place.ts')",
    "type Lazy = import('../orders/place.ts').Place",
    "const old = require('../orders/place.ts')",
    'const quoted = import(`../orders/place.ts`)',
    "import extensionless from '../orders/place'",
    "import built from '../orders/place.js'",
  ]
  for (const form of forms) {
    const found = violationsWith({
      'orders/place.ts': 'export const place = 1\n',
      'inventory/reserve.ts': `// planted\n${form}\n`,
    })
    const [first] = found
    assert.equal(found.length, 1, form)
    assert.equal(first?.code, boundaryImportForeign.code)
    assert.equal(`${first?.file}:${first?.line}`, 'inventory/reserve.ts:2', form)
  }
})

test('only the contract of another module may be imported, not its module', () => {
  const found = violationsWith({
    'inventory/reserve.ts': "import { ordersModule } from '../orders/module.ts'\n",
  })
  assert.deepEqual(places(found), ['BOUNDARY_IMPORT_FOREIGN inventory/reserve.ts:1:30'])
})

test('a test may import the modules it puts together, but not their inside', () => {
  const found = violationsWith({
    'orders/place.ts': 'export const place = 1\n',
    'inventory/reserve.test.ts':
      "import { ordersModule } from '../orders/module.ts'\nimport { place } from '../orders/place.ts'\n",
  })
  assert.deepEqual(places(found), ['BOUNDARY_IMPORT_FOREIGN inventory/reserve.test.ts:2:23'])
})

test('an import of a computed path inside a module is found', () => {
  const found = violationsWith({ 'inventory/reserve.ts': 'const load = (x) => import(x)\n' })
  assert.deepEqual(
    found.map((violation) => violation.code),
    [boundaryImportComputed.code],
  )
})

test('a query builder that names another module’s table is found with a code frame', () => {
  const found = violationsWith({
    'inventory/reserve.ts': [
      'export const reserve = (db) =>',
      "  db.selectFrom('inventory.stock')",
      "    .innerJoin('orders.order', 'orders.order.id', 'stock.order_id')",
      '',
    ].join('\n'),
  })
  assert.deepEqual(places(found), [
    'BOUNDARY_TABLE_FOREIGN inventory/reserve.ts:3:17',
    'BOUNDARY_TABLE_FOREIGN inventory/reserve.ts:3:33',
  ])
  const text = renderViolation(found[0] ?? assert.fail())
  assert.match(text, /^BOUNDARY_TABLE_FOREIGN {2}inventory reaches into "orders\.order"/)
  assert.match(text, /3 \| {5}\.innerJoin\('orders\.order'/)
  assert.match(text, /\n +\| {17}\^{12}\n/)
  assert.match(text, /why {3}This works only as long as/)
  assert.match(text, /fix {3}1\) call an operation of "orders"/)
  assert.equal(found[0]?.code, boundaryTableForeign.code)
})

test('every way to name another module’s table in code is found', () => {
  const ways = [
    "db.selectFrom('orders.order as o')",
    "db.selectFrom(['inventory.stock', 'orders.order'])",
    "db.selectFrom('orders.not_in_any_migration')",
    "db.withSchema('orders').selectFrom('order')",
    'sql`select * from ${x}, orders.order where id = ${y}`',
    'sql`select * from orders.not_in_any_migration`',
    'client.query(\'select 1 from "orders"."order"\')',
    "client.query('set search_path to orders, public')",
    "sql.id('orders', 'order')",
    "sql.table('orders.order')",
    "const table = 'orders.order'",
  ]
  for (const way of ways) {
    const found = violationsWith({ 'inventory/reserve.ts': `// planted\n${way}\n` })
    assert.equal(found.length, 1, way)
    assert.equal(`${found[0]?.code}:${found[0]?.line}`, 'BOUNDARY_TABLE_FOREIGN:2', way)
  }
})

test('operation names, events, comments and own tables are not mistaken for foreign tables', () => {
  const harmless = [
    "ctx.faults.at('orders.placed')",
    "log.info('waiting for orders.cancelled')",
    '// select * from orders.order',
    "db.selectFrom('inventory.stock')",
    'ctx.call.orders.place({})',
    "import { orders } from '../orders/contract.ts'",
    'sql`select my_orders.id from inventory.stock as my_orders`',
  ]
  for (const line of harmless) {
    assert.deepEqual(places(violationsWith({ 'inventory/reserve.ts': `${line}\n` })), [], line)
  }
})

test('a migration that names another module’s table is found; its comments and texts are not', () => {
  const found = violationsWith({
    'inventory/sql/0002-copy.sql': [
      '-- orders.order is not read here',
      "comment on table stock is 'see orders.order';",
      'create view open_orders as',
      '  select id from orders.order;',
      'grant select on all tables in schema orders to inventory;',
    ].join('\n'),
  })
  assert.deepEqual(places(found), [
    'BOUNDARY_TABLE_FOREIGN inventory/sql/0002-copy.sql:4:18',
    'BOUNDARY_TABLE_FOREIGN inventory/sql/0002-copy.sql:5:38',
  ])
})

test('a circle of imports is found with its path, type-only imports included', () => {
  const found = violationsWith({
    'orders/contract.ts':
      "import type { Stock } from '../inventory/contract.ts'\nexport const orders = contract('orders', {})\n",
    'inventory/contract.ts':
      "import type { Order } from '../orders/contract.ts'\nexport const inventory = contract('inventory', {})\n",
  })
  assert.deepEqual(places(found), ['BOUNDARY_IMPORT_CYCLE inventory/contract.ts:1:28'])
  assert.equal(found[0]?.code, boundaryImportCycle.code)
  assert.match(
    found[0]?.message ?? '',
    /inventory\/contract\.ts → orders\/contract\.ts → inventory\/contract\.ts/,
  )
})

test('a file that does not parse is one violation among the others', () => {
  const found = violationsWith({
    'inventory/broken.ts': 'const = 1\n',
    'inventory/reserve.ts': "import { m } from '../orders/module.ts'\n",
  })
  assert.deepEqual(
    found.map((violation) => violation.code),
    [boundaryFileUnreadable.code, boundaryImportForeign.code],
  )
  assert.match(found[0]?.message ?? '', /inventory\/broken\.ts:1:7/)
})

test('the schema of a module is the name its contract declares, not its folder', () => {
  const found = violationsWith({
    'buying/contract.ts': "export const c = contract('purchases', {})\n",
    'buying/module.ts': 'export const m = 1\n',
    'inventory/reserve.ts': "db.selectFrom('purchases.invoice')\ndb.selectFrom('buying.invoice')\n",
  })
  assert.deepEqual(places(found), ['BOUNDARY_TABLE_FOREIGN inventory/reserve.ts:1:16'])
})
