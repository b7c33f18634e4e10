import { type LintRule, lintRules } from './lint-rules.ts'
import { lintSchemas } from './lint-schema.ts'
import { type Breach, LintState } from './lint-state.ts'
import { lintStatement } from './lint-statement.ts'
import { placeOf, type SqlStatement, splitSqlStatements } from './sql-token.ts'

/** A dangerous statement in a migration. */
export interface MigrationFinding {
  readonly rule: LintRule
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly why: string
  readonly fix: string
}

const allowPattern = /^banyan:\s*allow\b(.*)$/
const allowBody = /^\s+([a-z-]+)\s+because\s+(\S.*)$/

/** Finds statements that lock or rewrite tables in use, break instances of the previous release, or
 *  reach outside of the module's schema. Pure: it reads text only and knows no table sizes.
 *
 *  Tables made in the same file are not in use, nor is anything during the module's first file.
 *  `-- banyan: allow <rule> because <reason>` in front of a statement allows one rule there.
 *  @param files  all migrations of one module, in order. */
export function lintMigrations(
  files: readonly { readonly file: string; readonly text: string }[],
): MigrationFinding[] {
  const findings: MigrationFinding[] = []
  let state: LintState | undefined
  for (const [index, { file, text }] of files.entries()) {
    const isTransactional = !/^--\s*banyan:\s*no-transaction\s*(?:\n|$)/.test(text)
    state = new LintState({ isFirst: index === 0, isTransactional }, state)
    for (const statement of splitSqlStatements(text)) {
      for (const breach of lintOne(statement, state)) findings.push(findingOf(breach, file, text))
    }
  }
  return findings
}

function lintOne(statement: SqlStatement, state: LintState): Breach[] {
  const breaches = [...lintStatement(statement, state), ...lintSchemas(statement)]
  const { allowed, malformed } = readAllowed(statement)
  const used = new Set<string>()
  const kept = breaches.filter(({ rule }) => {
    if (!allowed.has(rule)) return true
    used.add(rule)
    return false
  })
  const isIdle = [...allowed].some((rule) => !used.has(rule))
  const first = statement.tokens[0]
  return malformed || isIdle ? [...kept, { rule: 'allow-malformed', at: first }] : kept
}

function readAllowed({ comments }: SqlStatement): { allowed: Set<string>; malformed: boolean } {
  const allowed = new Set<string>()
  let malformed = false
  for (const { text } of comments) {
    const match = allowPattern.exec(text)
    if (match === null) continue
    const rule = allowBody.exec(match[1] ?? '')?.[1]
    if (rule !== undefined && Object.hasOwn(lintRules, rule)) allowed.add(rule)
    else malformed = true
  }
  return { allowed, malformed }
}

function findingOf({ rule, at }: Breach, file: string, text: string): MigrationFinding {
  return { rule, file, ...placeOf(text, at?.offset ?? 0), ...lintRules[rule] }
}
