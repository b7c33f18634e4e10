import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

const contractText = `import { command, contract, failure, query } from 'banyan/contract'
import * as z from 'zod'

const Book = z.object({ isbn: z.string().max(20), title: z.string().max(80), copies: z.bigint() })

export const shelf = contract('shelf', {
  failures: { unknownBook: failure('not_found', z.object({ isbn: z.string() })) },
  operations: {
    book: query({
      input: z.object({ isbn: z.string() }),
      output: Book,
      failures: ['unknownBook'],
      access: 'public',
      http: 'GET /books/{isbn}',
    }),
    add: command({
      input: Book,
      output: Book,
      access: ['clerk'],
      http: 'POST /books',
      idempotency: 'required',
    }),
    count: query({ input: z.object({}), output: z.object({ count: z.int() }), access: 'internal' }),
    crash: command({
      input: z.object({}),
      output: z.object({}),
      access: 'public',
      http: 'POST /crash',
    }),
  },
})
`

const moduleText = `import { tables } from 'banyan/data'
import { module } from 'banyan/module'
import { shelf } from './contract.ts'

interface Rows {
  book: { isbn: string; title: string; copies: bigint }
}

export const shelfModule = module(shelf, {
  tables: tables<Rows>(new URL('./sql/', import.meta.url)),
  handlers: {
    book: async ({ isbn }, ctx) => {
      const row = await ctx.db.selectFrom('book').selectAll().where('isbn', '=', isbn).executeTakeFirst()
      if (row === undefined) throw shelf.failures.unknownBook({ isbn })
      return row
    },
    add: (book, ctx) =>
      ctx.transaction(async (tx) => {
        await tx.insertInto('book').values(book).execute()
        return book
      }),
    count: async (_input, ctx) => {
      const rows = await ctx.db.selectFrom('book').select('isbn').execute()
      return { count: rows.length }
    },
    crash: () => {
      setImmediate(() => {
        throw new Error('a book fell down')
      })
      return {}
    },
  },
  seed: (ctx) =>
    ctx.transaction(async (tx) => {
      const book = { isbn: 'seed-1', title: 'Roots', copies: 3n }
      await tx.insertInto('book').values(book).onConflict((on) => on.doNothing()).execute()
    }),
})
`

/** A small application with a table; other texts may stand in for its files. */
const libraryFiles: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "library", "version": "1.2.3", "type": "module" }',
  'banyan.ts': `import { application as declare } from 'banyan/module'
import { shelfModule } from './src/shelf/module.ts'

export const application = declare('library', { modules: [shelfModule], roles: ['clerk', 'reader'] })
`,
  'src/shelf/contract.ts': contractText,
  'src/shelf/module.ts': moduleText,
  'src/shelf/sql/0001-create-book.sql': `create table book (
  isbn text primary key,
  title text not null,
  copies bigint not null check (copies >= 0)
);
`,
}

/** An application in a temporary folder, for tests of commands; gone when disposed. */
export class ProjectFolder implements Disposable {
  readonly root: string

  /** @param files  besides those of a small library, or in their place; an empty text removes one. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = mkdtempSync(path.join(tmpdir(), 'banyan-cli-'))
    for (const [file, text] of Object.entries({ ...libraryFiles, ...files })) {
      if (text !== '') this.write(file, text)
    }
    symlinkSync(nodeModules, path.join(this.root, 'node_modules'))
  }

  get stateFolder(): string {
    return path.join(this.root, '.banyan')
  }

  write(file: string, text: string): void {
    const target = path.join(this.root, file)
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, text)
  }

  /** Replaces a text in a file that must hold it. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file)
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
    this.write(file, text.replace(from, to))
  }

  read(file: string): string {
    return readFileSync(path.join(this.root, file), 'utf8')
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** The library with a second module, for tests of what modules do to each other. */
export function twoModules(deskModule: string, files: Readonly<Record<string, string>> = {}) {
  return new ProjectFolder({
    'banyan.ts': `import { application as declare } from 'banyan/module'
import { deskModule } from './src/desk/module.ts'
import { shelfModule } from './src/shelf/module.ts'

export const application = declare('library', {
  modules: [shelfModule, deskModule],
  roles: ['clerk'],
})
`,
    'src/desk/contract.ts': `import { contract, query } from 'banyan/contract'
import * as z from 'zod'

export const desk = contract('desk', {
  operations: {
    look: query({ input: z.object({}), output: z.object({}), access: 'public', http: 'GET /look' }),
  },
})
`,
    'src/desk/module.ts': deskModule,
    ...files,
  })
}

/** The library with a module that only hears of it: no call, and no `uses`.
 *  @param run  what it does about the event */
export function hearing(run: string = 'async () => {}'): ProjectFolder {
  const project = twoModules(
    `import { tables } from 'banyan/data'
import { job, module } from 'banyan/module'
import * as z from 'zod'
import { shelf } from '../shelf/contract.ts'
import { desk } from './contract.ts'

const tidy = job('tidy', { input: z.object({}) })

export const deskModule = module(desk, {
  tables: tables<object>(new URL('./sql/', import.meta.url)),
  handlers: { look: () => ({}) },
  messages: ({ perform, on }) => [perform(tidy, async () => {}), on(shelf.events.lent, ${run})],
})
`,
    { 'src/desk/sql/0001-note.sql': 'create table note (id text primary key);\n' },
  )
  const lent =
    'event({ version: 1, payload: z.object({ isbn: z.string() }), key: (book) => book.isbn })'
  project.edit('src/shelf/contract.ts', 'command, contract,', 'command, contract, event,')
  project.edit(
    'src/shelf/contract.ts',
    '  operations: {',
    `  events: { lent: ${lent}, lost: ${lent} },\n  operations: {`,
  )
  return project
}
