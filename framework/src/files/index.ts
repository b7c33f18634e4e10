/**
 * Files: bytes under keys, such as images and documents. The port that stores plug into (a local folder
 * here; S3 in engines/s3), and `ctx.files`, which shows a module its own files only. A file is replaced
 * whole or not at all, has a SHA-256 tag that every whole read is held against, and is on the disk when
 * `put` returns. Nothing here is in a transaction: a file is stored under a key that nobody knows, then
 * made known by a row. Not for: facts (data), messages, or files that browsers write to directly.
 * Limits: keys of 512 characters, files of 64 MiB, pages of 1,000.
 */
export { type BoundedContent, collectContent } from './bounded-content.ts'
export * from './errors.ts'
export { assertKey, assertPrefix } from './key.ts'
export { fileBytesMax, readPageBound, readPutBound } from './limits.ts'
export { createLocalFileStore, type LocalFileStoreOptions } from './local-file-store.ts'
export { ModuleFiles } from './module-files.ts'
export type {
  FileGetRequest,
  FileLifetime,
  FileListRequest,
  FilePutRequest,
  FileStore,
} from './port.ts'
export { assertRange, type ByteSpan, rangeText, spanOf } from './range.ts'
export { type FileParts, storedFileOf } from './received-content.ts'
