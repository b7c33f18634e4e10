import assert from 'node:assert/strict'
import { test } from 'node:test'
import { banyan } from './command.fixture.ts'
import { hearing, ProjectFolder, twoModules } from './project.fixture.ts'

interface Report {
  readonly ok: boolean
  readonly problems: readonly {
    readonly code: string
    readonly file: string
    readonly line: number
    readonly column: number
    readonly message: string
    readonly why: string
    readonly fix: string
    readonly frame: string
  }[]
  readonly changes?: readonly { readonly severity: string; readonly place: string }[]
}

/** A module `desk` whose handler is this expression. */
const deskWith = (head: string, handler: string, uses = ''): string => `${head}
import { module } from 'banyan/module'
import { desk } from './contract.ts'

export const deskModule = module(desk, {${uses}
  handlers: { look: ${handler} },
})
`
const harmless = deskWith('', '() => ({})')

async function check(
  project: ProjectFolder,
): Promise<Report & { readonly exitCode: number | null }> {
  const { stdout, stderr, exitCode } = await banyan(['check', project.root, '--json'])
  assert.notEqual(stdout, '', stderr)
  return { ...(JSON.parse(stdout) as Report), exitCode }
}

/** Checks, and expects exactly one problem of this code, complete. */
async function theOnlyProblem(
  project: ProjectFolder,
  code: string,
): Promise<Report['problems'][0]> {
  const { problems, exitCode, ok } = await check(project)
  assert.deepEqual(
    problems.map((problem) => problem.code),
    [code],
    JSON.stringify(problems, undefined, 1),
  )
  assert.deepEqual([exitCode, ok], [1, false])
  const [problem] = problems
  assert.ok(problem !== undefined && problem.why !== '' && problem.fix !== '')
  return problem
}

const placeOf = ({ file, line, column }: Report['problems'][0]): string =>
  `${file}:${line}:${column}`

test('an application in order passes the check', async () => {
  using project = twoModules(harmless)
  const { exitCode, stdout } = await banyan(['check', project.root])
  assert.equal(exitCode, 0, stdout)
  assert.match(stdout, /^ok {3}\(2 modules, 6 files, 5 operations, 1 migration, no contracts\.json/)
})

test("another module's table in TypeScript is found with file, line, frame, why and fix", async () => {
  using project = twoModules(
    deskWith("export const stolen = 'select * from shelf.book'", '() => ({})'),
  )
  const problem = await theOnlyProblem(project, 'BOUNDARY_TABLE_FOREIGN')
  assert.equal(placeOf(problem), 'src/desk/module.ts:1:38')
  assert.match(problem.frame, /\n +\| +\^+/)
  const { stdout } = await banyan(['check', project.root])
  assert.match(
    stdout,
    /^BOUNDARY_TABLE_FOREIGN {2}.*\n {2}src\/desk\/module\.ts:1:38\n[^]* why [^]* fix /,
  )
})

test("another module's table in SQL is found", async () => {
  using project = twoModules(harmless, {
    'src/desk/sql/0001-loan.sql': 'create table loan (\n  isbn text references shelf.book\n);\n',
  })
  const problem = await theOnlyProblem(project, 'BOUNDARY_TABLE_FOREIGN')
  assert.equal(placeOf(problem), 'src/desk/sql/0001-loan.sql:2:24')
})

test("an import of another module's internals is found", async () => {
  using project = twoModules(
    deskWith("import { size } from '../shelf/size.ts'\nvoid size", '() => ({})'),
    {
      'src/shelf/size.ts': 'export const size = 3\n',
    },
  )
  const problem = await theOnlyProblem(project, 'BOUNDARY_IMPORT_FOREIGN')
  assert.equal(placeOf(problem), 'src/desk/module.ts:1:22')
})

test('files that import each other in a circle are found', async () => {
  using project = twoModules(harmless, {
    'src/desk/one.ts': "import { two } from './two.ts'\nexport const one = () => two\n",
    'src/desk/two.ts': "import { one } from './one.ts'\nexport const two = () => one\n",
  })
  const problem = await theOnlyProblem(project, 'BOUNDARY_IMPORT_CYCLE')
  assert.equal(placeOf(problem), 'src/desk/one.ts:1:21')
})

test('an operation without an access rule is found in its contract', async () => {
  using project = twoModules(harmless)
  project.edit('src/desk/contract.ts', "access: 'public', ", '')
  const problem = await theOnlyProblem(project, 'CONTRACT_ACCESS_MISSING')
  assert.equal(placeOf(problem), 'src/desk/contract.ts:6:5')
})

test('a call of a module that is not declared in uses is found', async () => {
  using project = twoModules(
    deskWith(
      '',
      '(_input: unknown, ctx: never) => (ctx as { call: { shelf: { book(i: object): object } } }).call.shelf.book({})',
    ),
  )
  const problem = await theOnlyProblem(project, 'MODULE_USE_UNDECLARED')
  assert.match(placeOf(problem), /^src\/desk\/module\.ts:6:/)
})

test('a contract may be imported only to hear of its events, and unheard events are fine', async () => {
  using project = hearing()
  const { problems, exitCode } = await check(project)
  assert.deepEqual([problems, exitCode], [[], 0])
})

test('modules may hear of each other in a circle', async () => {
  using project = hearing()
  project.edit(
    'src/desk/contract.ts',
    '  operations: {',
    '  events: { cleared: event({ version: 1, payload: z.object({}), key: () => "" }) },\n  operations: {',
  )
  project.edit('src/desk/contract.ts', '{ contract,', '{ contract, event,')
  project.edit(
    'src/shelf/module.ts',
    "from './contract.ts'",
    "from './contract.ts'\nimport { desk } from '../desk/contract.ts'",
  )
  project.edit(
    'src/shelf/module.ts',
    'handlers: {',
    'messages: ({ on }) => [on(desk.events.cleared, async () => {})],\n  handlers: {',
  )
  const { problems, exitCode } = await check(project)
  assert.deepEqual([problems, exitCode], [[], 0])
})

test('who only hears of a module may not call it, in what it does about the event either', async () => {
  using project = hearing(
    'async (_lent: unknown, ctx: unknown) => void (ctx as { call: { shelf: { count(i: object): object } } }).call.shelf.count({})',
  )
  const problem = await theOnlyProblem(project, 'MODULE_USE_UNDECLARED')
  assert.match(placeOf(problem), /^src\/desk\/module\.ts:12:/)
})

test('who hears of a module may not import more than its contract', async () => {
  using project = hearing()
  project.edit('src/desk/module.ts', '../shelf/contract.ts', '../shelf/inside.ts')
  project.write('src/shelf/inside.ts', "export { shelf } from './contract.ts'\n")
  const problem = await theOnlyProblem(project, 'BOUNDARY_IMPORT_FOREIGN')
  assert.equal(placeOf(problem), 'src/desk/module.ts:4:23')
})

test('a subscription to an event that no module of the application publishes is found', async () => {
  using project = hearing()
  project.edit('banyan.ts', '[shelfModule, deskModule]', '[deskModule]')
  const problem = await theOnlyProblem(project, 'MODULE_EVENT_UNKNOWN')
  assert.match(problem.message, /shelf\.lent/)
})

test('modules that use each other in a circle are found with the path', async () => {
  using project = twoModules(
    deskWith("import { shelf } from '../shelf/contract.ts'", '() => ({})', '\n  uses: [shelf],'),
  )
  project.edit('src/shelf/module.ts', 'handlers: {', 'uses: [desk],\n  handlers: {')
  project.edit(
    'src/shelf/module.ts',
    "from './contract.ts'",
    "from './contract.ts'\nimport { desk } from '../desk/contract.ts'",
  )
  const problem = await theOnlyProblem(project, 'MODULE_USE_CYCLE')
  assert.match(problem.message, /shelf → desk → shelf/)
})

test('two operations on one route are found', async () => {
  using project = twoModules(harmless)
  project.edit('src/desk/contract.ts', 'GET /look', 'GET /books/{number}')
  const problem = await theOnlyProblem(project, 'MODULE_ROUTE_DUPLICATE')
  assert.equal(problem.file, 'src/desk/contract.ts')
})

test('a role that the application does not declare is found', async () => {
  using project = twoModules(harmless)
  project.edit('src/desk/contract.ts', "access: 'public'", "access: ['stranger']")
  const problem = await theOnlyProblem(project, 'MODULE_ROLE_UNKNOWN')
  assert.equal(placeOf(problem), 'src/desk/contract.ts:6:5')
})

test('a migration that locks a table in use is found', async () => {
  using project = new ProjectFolder({
    'src/shelf/sql/0002-index.sql': 'create index book_title on book (title);\n',
  })
  const problem = await theOnlyProblem(project, 'CLI_MIGRATION_UNSAFE')
  assert.match(placeOf(problem), /^src\/shelf\/sql\/0002-index\.sql:1:/)
  assert.match(problem.message, /index-locks-table/)
})

test('a gap in the numbers of migrations is found', async () => {
  using project = new ProjectFolder({ 'src/shelf/sql/0003-late.sql': 'select 1;\n' })
  const problem = await theOnlyProblem(project, 'DATA_MIGRATION_NUMBER_INVALID')
  assert.equal(problem.file, 'src/shelf/sql/0003-late.sql')
})

test('a file that does not parse is one problem among the others, with its place', async () => {
  using project = twoModules(harmless, { 'src/desk/torn.ts': 'export const a = {\n' })
  project.edit('src/desk/contract.ts', "access: 'public', ", '')
  const { problems, exitCode } = await check(project)
  assert.equal(exitCode, 1)
  assert.deepEqual(
    problems.map(({ code, file }) => `${code} ${file}`),
    ['CONTRACT_ACCESS_MISSING src/desk/contract.ts', 'BOUNDARY_FILE_UNREADABLE src/desk/torn.ts'],
  )
})

test('all problems are shown at once, by file', async () => {
  using project = twoModules(
    deskWith("export const stolen = 'select * from shelf.book'", '() => ({})'),
    {
      'src/shelf/sql/0002-index.sql': 'create index book_title on book (title);\n',
    },
  )
  const { problems } = await check(project)
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['BOUNDARY_TABLE_FOREIGN', 'CLI_MIGRATION_UNSAFE'],
  )
})

test('a contract that breaks what contracts.json promises is found, a safe change is not a problem', async () => {
  using project = twoModules(harmless)
  const first = await banyan(['check', project.root, '--write'])
  assert.equal(first.exitCode, 0)
  assert.match(project.read('contracts.json'), /"manifest": 1/)
  project.edit(
    'src/desk/contract.ts',
    'input: z.object({})',
    'input: z.object({ at: z.string().optional() })',
  )
  const safe = await check(project)
  assert.deepEqual([safe.exitCode, safe.changes?.map(({ severity }) => severity)], [0, ['safe']])
  project.edit('src/desk/contract.ts', 'z.string().optional()', 'z.string()')
  const problem = await theOnlyProblem(project, 'CLI_CONTRACT_BROKEN')
  assert.equal(placeOf(problem), 'src/desk/contract.ts:6:5')
})

test('a contracts.json that cannot be read is a problem of its own', async () => {
  using project = twoModules(harmless, { 'contracts.json': '{"manifest":9}' })
  const problem = await theOnlyProblem(project, 'CLI_MANIFEST_UNREADABLE')
  assert.equal(problem.file, 'contracts.json')
})

test('a folder without modules cannot pass', async () => {
  using project = new ProjectFolder({ 'src/shelf/contract.ts': '' })
  const { exitCode, stderr } = await banyan(['check', project.root])
  assert.equal(exitCode, 78)
  assert.match(stderr, /^BOUNDARY_MODULES_MISSING/)
})
