import type {
  FileContent,
  FileInfo,
  FilePage,
  FilePutOptions,
  FileRange,
  StoredFile,
} from '../module/index.ts'

/** How long an operation is wanted; a `Context` is one. */
export interface FileLifetime {
  /** Fires when the result is wanted no longer; its reason is what the operation throws. */
  readonly signal: AbortSignal
  /** Monotonic milliseconds; what would end later is not begun. */
  readonly deadlineMs: number
}

/** Where files are kept; the port of engines. All that `Files` and `FileReader` say of an operation is
 *  promised here, with the same errors, and held by one suite (`fileStoreSuite` in room testing).
 *  Names are plain keys: whose they are is the caller's business.
 *  Concurrency: any number of processes at once. Limits: 64 MiB per file, 1,000 per page. */
export interface FileStore extends AsyncDisposable {
  /** `a local folder`, `S3 at s3.example.org`: for the lines that tell an operator what is used. */
  readonly label: string
  put(lifetime: FileLifetime, request: FilePutRequest): Promise<FileInfo>
  get(lifetime: FileLifetime, request: FileGetRequest): Promise<StoredFile>
  head(lifetime: FileLifetime, key: string): Promise<FileInfo>
  delete(lifetime: FileLifetime, key: string): Promise<void>
  list(lifetime: FileLifetime, request: FileListRequest): Promise<FilePage>
}

/** A file to be stored. */
export interface FilePutRequest extends FilePutOptions {
  readonly key: string
  readonly content: FileContent
}

/** A file, or a range of it, to be read. */
export interface FileGetRequest {
  readonly key: string
  readonly range?: FileRange | undefined
}

/** A page of keys; bounds and order as `FileReader.list` says. */
export interface FileListRequest {
  readonly prefix: string
  readonly after?: string | undefined
  readonly countMax?: number | undefined
}
