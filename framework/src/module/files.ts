/** What a file holds: bytes that are there, or that come in parts. */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>

/** What is known of a stored file. */
export interface FileInfo {
  readonly key: string
  readonly sizeBytes: number
  readonly contentType: string
  /** SHA-256 of the content, in hexadecimal: equal bytes have equal tags. */
  readonly etag: string
  /** When it was stored, by the clock of whoever keeps it; for people, never for correctness. */
  readonly storedAtMs: number
}

/** Bytes `first` to `last` of a file, both included, from 0; to its end without `last`. */
export interface FileRange {
  readonly first: number
  readonly last?: number
}

/** An opened file. Read it to its end, or dispose of it: `await using file = await ctx.files.get(key)`. */
export interface StoredFile extends AsyncDisposable {
  readonly info: FileInfo
  /** The content, or the asked range of it, in parts; can be read once. A whole file is compared with its
   *  tag while it is read: at its end the reader throws FILES_CORRUPT where they differ. */
  readonly content: AsyncIterable<Uint8Array>
  /** All of `content` at once. Cost: as much memory. */
  bytes(): Promise<Buffer>
}

/** One line of a list. */
export interface FileEntry {
  readonly key: string
  readonly sizeBytes: number
  readonly storedAtMs: number
}

/** Some files in the order of their keys; `nextAfter` is given while there may be more. */
export interface FilePage {
  readonly files: readonly FileEntry[]
  readonly nextAfter: string | undefined
}

/** `ctx.files` of a query: the files of this module, to be read. A module cannot name another's.
 *  Keys: segments between slashes, each of 1 to 80 printable ASCII characters without a backslash and neither
 *  `.` nor `..`; with the module's name in front, at most 512 characters.
 *  Everything ends with the context: at its deadline an operation throws the context's reason.
 *  @throws FILES_KEY_INVALID · FILES_UNAVAILABLE · FILES_STORE_REFUSED · CALL_FILES_MISSING */
export interface FileReader {
  /** Opens a file; what replaces it meanwhile is not mixed in.
   *  @throws FILES_NOT_FOUND · FILES_RANGE_INVALID (none of it is in the file) · FILES_CORRUPT */
  get(key: string, options?: { readonly range?: FileRange }): Promise<StoredFile>
  /** @throws FILES_NOT_FOUND · FILES_CORRUPT */
  head(key: string): Promise<FileInfo>
  /** Files whose keys begin with `prefix`, after the key `after`, at most `countMax` (1 to 1,000; 100
   *  unless given). @throws FILES_OPTION_INVALID */
  list(
    prefix: string,
    options?: { readonly after?: string; readonly countMax?: number },
  ): Promise<FilePage>
}

/** `ctx.files` of a command or a message. What it changes is in no transaction: change files under keys
 *  that nobody reads yet, and make them known in a transaction; remove them by a job. */
export interface Files extends FileReader {
  /** Stores a file, in place of one that has its key. Readers see the old one or the new one, whole; once
   *  it returns, it outlives a loss of power.
   *  @throws FILES_EXISTS (with `ifAbsent`) · FILES_TOO_LARGE · FILES_OPTION_INVALID ·
   *    FILES_OUTCOME_UNKNOWN (it may be there; safe to repeat) */
  put(key: string, content: FileContent, options: FilePutOptions): Promise<FileInfo>
  /** Removes a file; no error where there is none. @throws FILES_OUTCOME_UNKNOWN (safe to repeat) */
  delete(key: string): Promise<void>
}

/** How a file is stored. */
export interface FilePutOptions {
  /** `image/png`, `text/plain; charset=utf-8`: 1 to 128 characters. */
  readonly contentType: string
  /** Refuses to replace a file. Of several at once, one succeeds. */
  readonly ifAbsent?: boolean
  /** Most that the content may have, 0 to 64 MiB; 64 MiB unless given. */
  readonly sizeBytesMax?: number
}
