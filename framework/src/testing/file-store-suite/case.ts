import type { FileLifetime, FileStore } from '../../files/index.ts'

/** A store under test, and what a case may do with it. */
export interface FileStoreGiven {
  readonly store: FileStore
  /** A folder of this case's own: `case-7`. */
  readonly folder: string
  /** As long as a case may take. */
  readonly lifetime: FileLifetime
  /** Changes one byte of a stored file's content behind the store's back. */
  damage(key: string): Promise<void>
}

/** One promise of the port: `run` rejects where the store does not keep it. */
export interface FileStoreCase {
  /** A sentence about what stores do. */
  readonly title: string
  run(given: FileStoreGiven): Promise<void>
}
