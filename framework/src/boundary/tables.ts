import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, type ModuleFolder } from './find-modules.ts'

/** What a module keeps in the database, as far as its migrations tell. */
export interface Schema {
  readonly owner: string
  readonly name: string
  readonly relations: ReadonlySet<string>
}

/** A place in a text that names something in another module's schema. */
export interface TableReference {
  readonly owner: string
  /** As written, `schema.table`. */
  readonly table: string
  readonly start: number
  readonly end: number
}

const creation =
  /\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+|materialized\s+)?(?:table|view|sequence|type|function|procedure)\s+(?:if\s+not\s+exists\s+)?(?:"?\w+"?\s*\.\s*)?"?(\w+)"?/gi

/** Reads the relations that a module's migrations create (every `.sql` file in its `sql/` folder). */
export function schemaOf(root: string, module: ModuleFolder): Schema {
  const relations = new Set<string>()
  for (const file of filesBelow(root, `${module.folder}/sql`, ['.sql'])) {
    const text = maskSql(readFileSync(join(root, file), 'utf8'))
    for (const match of text.matchAll(creation)) relations.add(match[1] ?? '')
  }
  return { owner: module.name, name: module.schema ?? module.name, relations }
}

/** Blanks comments and string literals, so that only what the database would read as names is left.
 *  Offsets stay as they are. */
export function maskSql(text: string): string {
  return text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (part) =>
    part.replaceAll(/[^\n]/g, ' '),
  )
}

const names =
  '(?:from|join|into|update|only|table|references|using|truncate|lock|copy|on|exists|view|sequence|function|call)'
const statement =
  /\b(?:select|insert|update|delete|merge|truncate|create|alter|drop|grant|copy|lock|with|call)\b/i

/** How sure a text is to hold names of tables. */
export type TextKind =
  /** An argument of a query builder: every `schema.name` is a reference. */
  | 'name'
  /** SQL or any other text: known relations, and what stands where SQL expects a relation. */
  | 'text'

/** Finds the references to foreign schemas in one text.
 *  @param foreign  the schemas of the other modules.
 */
export function findTableReferences(
  text: string,
  kind: TextKind,
  foreign: readonly Schema[],
): TableReference[] {
  const isStatement = statement.test(text)
  return foreign.flatMap((schema) => [
    ...qualifiedNames(text, schema, kind, isStatement),
    ...(isStatement || /search_path/i.test(text) ? wholeSchemas(text, schema) : []),
  ])
}

function qualifiedNames(
  text: string,
  schema: Schema,
  kind: TextKind,
  isStatement: boolean,
): TableReference[] {
  const pattern = new RegExp(`(?<![\\w.$])"?${schema.name}"?\\s*\\.\\s*"?([a-zA-Z_]\\w*)"?`, 'g')
  const found: TableReference[] = []
  for (const match of text.matchAll(pattern)) {
    const before = text.slice(0, match.index)
    const expected = isStatement && new RegExp(`\\b${names}\\s+$`, 'i').test(before)
    if (kind !== 'name' && !schema.relations.has(match[1] ?? '') && !expected) continue
    found.push({
      owner: schema.owner,
      table: `${schema.name}.${match[1] ?? ''}`,
      start: match.index,
      end: match.index + match[0].length,
    })
  }
  return found
}

/** `set search_path to orders`, `grant … on schema orders`: the whole schema at once. */
function wholeSchemas(text: string, schema: Schema): TableReference[] {
  const pattern = new RegExp(
    `(?<=\\bsearch_path\\s*(?:=|to)[^;\\n]*|\\bschema\\s+"?)\\b${schema.name}\\b(?!\\s*"?\\s*\\.)`,
    'gi',
  )
  return [...text.matchAll(pattern)].map((match) => ({
    owner: schema.owner,
    table: schema.name,
    start: match.index,
    end: match.index + match[0].length,
  }))
}
