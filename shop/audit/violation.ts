/** Runs one statement as the owner of the database. */
export type OwnerQuery = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** One broken invariant at one place. */
export interface Violation {
  readonly invariant: string
  readonly meaning: string
  /** The offending row, or what differs. */
  readonly found: Readonly<Record<string, unknown>>
}
