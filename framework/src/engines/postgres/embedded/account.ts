/** A user and group by number. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** A way to run the server's programs as somebody who is not root. */
export interface Launcher {
  /** For people: what was tried. */
  readonly name: string
  /** Words before the program. */
  readonly prefix: readonly string[]
  readonly credentials: Account | Record<string, never>
  /** Who must own the files, seen from outside; undefined when that is simply us. */
  readonly owner: Account | undefined
}
