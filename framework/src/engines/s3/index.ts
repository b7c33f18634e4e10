/**
 * S3: files in a bucket of any store that speaks S3's protocol (path style, Signature Version 4). Uses PUT,
 * GET with ranges, HEAD, DELETE and ListObjectsV2; `ifAbsent` needs a store that honours
 * `If-None-Match: *`. Retries what may be repeated, within the caller's deadline; corrects its clock by the
 * store's. Promises: as the port of room files; what is put carries its SHA-256, which the store checks on
 * arrival and each whole read is held against.
 * Not for: objects that others put into the bucket (they carry no checksum of ours), and no multipart:
 * a file is held in memory while it is put, at most 64 MiB.
 */
export { createS3FileStore } from './s3-file-store.ts'
export type { S3FileStoreOptions } from './options.ts'
