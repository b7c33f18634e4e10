/** The name of a rule, as an allow comment writes it. */
export type LintRule =
  | 'index-locks-table'
  | 'concurrently-in-transaction'
  | 'column-without-default'
  | 'column-rewrites-table'
  | 'column-type-changed'
  | 'column-set-not-null'
  | 'constraint-scans-table'
  | 'constraint-builds-index'
  | 'column-dropped'
  | 'column-renamed'
  | 'table-dropped'
  | 'table-renamed'
  | 'table-rewritten'
  | 'table-locked'
  | 'table-truncated'
  | 'schema-foreign'
  | 'privilege-changed'
  | 'allow-malformed'

/** What `lintMigrations` looks for: why each is dangerous while old and new instances run side by
 *  side on a table full of rows, and what to do instead. */
export const lintRules: Readonly<Record<LintRule, { readonly why: string; readonly fix: string }>> =
  {
    'index-locks-table': {
      why: 'building or dropping an index blocks all writes to the table until it is done',
      fix: 'Use CREATE INDEX CONCURRENTLY (or DROP, REINDEX … CONCURRENTLY) in a file that begins with "-- banyan: no-transaction".',
    },
    'concurrently-in-transaction': {
      why: 'CONCURRENTLY is refused inside a transaction',
      fix: 'Begin the file with "-- banyan: no-transaction" and put nothing else into it.',
    },
    'column-without-default': {
      why: 'a NOT NULL column without a default fails on a table that has rows, and old instances that do not know it can no longer insert',
      fix: 'Add the column with a constant DEFAULT, or nullable; tighten it in a later release.',
    },
    'column-rewrites-table': {
      why: 'a volatile default, an identity, a serial or a stored generated column rewrites the table under an exclusive lock',
      fix: 'Add the column nullable without it, set the default afterwards, and fill the rows in batches.',
    },
    'column-type-changed': {
      why: 'most type changes rewrite the table under an exclusive lock, and old instances read the old type',
      fix: 'Add a new column, write both, copy in batches, read the new one, drop the old one later.',
    },
    'column-set-not-null': {
      why: 'SET NOT NULL reads the whole table under an exclusive lock',
      fix: 'First ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT, then SET NOT NULL.',
    },
    'constraint-scans-table': {
      why: 'the constraint is checked against every row while writes are blocked',
      fix: 'Add it NOT VALID, and VALIDATE CONSTRAINT in the next migration.',
    },
    'constraint-builds-index': {
      why: 'UNIQUE, PRIMARY KEY and EXCLUDE build an index while reads and writes are blocked',
      fix: 'CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX.',
    },
    'column-dropped': {
      why: 'old instances still name the column and fail until they have stopped',
      fix: 'Release code that no longer uses it, then drop it in a later release with an allow comment.',
    },
    'column-renamed': {
      why: 'old instances know the old name only',
      fix: 'Add a new column, write both, switch the readers, drop the old one later.',
    },
    'table-dropped': {
      why: 'old instances still use the table, and its rows are gone',
      fix: 'Release code that no longer uses it, then drop it in a later release with an allow comment.',
    },
    'table-renamed': {
      why: 'old instances know the old name only',
      fix: 'Create a view under the old name in the same migration, or keep the name.',
    },
    'table-rewritten': {
      why: 'the table is written anew under an exclusive lock',
      fix: 'Leave it to autovacuum, or do it in a maintenance window with an allow comment.',
    },
    'table-locked': {
      why: 'an explicit lock makes everybody else wait for the migration',
      fix: 'Write a conditional UPDATE or INSERT … ON CONFLICT instead.',
    },
    'table-truncated': {
      why: 'TRUNCATE takes an exclusive lock, and the rows are gone',
      fix: 'DELETE in batches, or create a new table.',
    },
    'schema-foreign': {
      why: 'a module owns its own schema only; the statement will be refused or will tie two modules together',
      fix: 'Write names without a schema, and ask the other module through its contract.',
    },
    'privilege-changed': {
      why: 'roles, grants, SECURITY DEFINER and extensions are what keeps modules apart; the platform sets them',
      fix: 'Remove it; for an extension write "-- banyan: extension <name>" at the top of the file.',
    },
    'allow-malformed': {
      why: 'an allow comment must name a rule and give a reason, directly in front of a statement that breaks the rule',
      fix: 'Write "-- banyan: allow <rule> because <reason>", or remove the comment.',
    },
  }
