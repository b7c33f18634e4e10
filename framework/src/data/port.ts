/** A PostgreSQL server as the data room needs it: a place to open connections to. An engine
 *  implements it; the runtime hands it in. */
export interface DatabaseServer {
  /** Host and port or socket folder, and database; for messages, never with a secret. */
  readonly address: string
  /** The role of the URL: owns the database. */
  readonly role: string
  /** The database that `connect` reaches. */
  readonly database: string
  /** False where a pooler cannot keep named statements (PgBouncer older than 1.21). */
  readonly statementNames: boolean
  /** Opens one connection: as the role that owns the database, or as `login`.
   *  Rejects with a `Problem` and nothing else. */
  connect(login?: Login): Promise<Connection>
  /** The same server, another database. */
  withDatabase(database: string): DatabaseServer
}

/** A role to connect as. */
export interface Login {
  readonly role: string
  readonly password: string
}

/** One connection. Statements are sent at once and answered in order (pipelined); an error in one
 *  does not touch the next, except inside a transaction, as PostgreSQL says.
 *  Invariant: every submission is settled exactly once, also when the connection is lost. */
export interface Connection {
  /** False once lost or closed. */
  readonly isOpen: boolean
  /** What the server said last: no transaction, in one, or in one that failed. */
  readonly transactionState: 'idle' | 'open' | 'failed'
  /** @throws KERNEL_VALUE_UNENCODABLE before anything is sent; `submission` is then not settled. */
  send(submission: Submission): void
  /** Asks the server to cancel what runs on this connection now. Resolves when the server has been
   *  told (never rejects); a statement sent afterwards may still be hit, so send one that does not
   *  matter first. */
  cancel(): Promise<void>
  /** Calls `lost` once when the connection ends without `close`. */
  onLost(lost: () => void): void
  /** Calls `heard` for each notification of a channel that a statement on this connection listens to. */
  onNotification(heard: (channel: string, payload: string) => void): void
  /** Says goodbye after what was sent has been answered. Idempotent. */
  close(): Promise<void>
  /** Cuts the connection now; what was sent fails as lost. Idempotent. */
  destroy(): void
}

/** One statement on its way. */
export interface Submission {
  readonly text: string
  /** Prepared under this name, once per connection; undefined leaves it unnamed. */
  readonly name: string | undefined
  /** True for a script: several statements may follow each other, values and a name may not be
   *  given. False makes a second statement in `text` an error of the server. */
  readonly isScript: boolean
  readonly values: readonly unknown[]
  succeed(result: StatementResult): void
  fail(problem: Problem): void
}

export interface StatementResult {
  /** The command tag's first word: `SELECT`, `INSERT`, `COMMIT`, `ROLLBACK`, … */
  readonly command: string
  /** Rows read or changed, where the command counts them. */
  readonly rowCount: number | undefined
  readonly rows: Record<string, unknown>[]
}

/** Why a statement or a connection failed: the server said so, the connection went away before the
 *  answer, or the server could not be reached or let nobody in. */
export type Problem = ServerProblem | LostProblem | UnreachableProblem

export interface ServerProblem {
  readonly cause: 'server'
  /** Five characters, as in PostgreSQL's appendix A. */
  readonly sqlState: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly constraint: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  /** Characters from 1 into the statement's text. */
  readonly position: number | undefined
  /** The server's function that raised it. */
  readonly routine: string | undefined
}

export interface LostProblem {
  readonly cause: 'lost'
  readonly message: string
}

export interface UnreachableProblem {
  readonly cause: 'unreachable'
  readonly message: string
  /** SQLSTATE where the server answered before it refused. */
  readonly sqlState: string | undefined
}
