/** One request of the S3 protocol, before it is signed. */
export interface S3Request {
  readonly operation: 'put' | 'get' | 'head' | 'delete' | 'list'
  /** Of the file, or the prefix of a list; for errors. */
  readonly key: string
  readonly method: 'PUT' | 'GET' | 'HEAD' | 'DELETE'
  /** Of the URL, encoded: `/bucket/a%20key`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer<ArrayBuffer>
  /** Answers that mean something to the caller; everything else is an error. */
  readonly expected: readonly number[]
}

/** An answer whose content has not been read. */
export interface S3Answer {
  readonly status: number
  readonly headers: Headers
  readonly response: Response
  /** The attempt that it came with, from 1. */
  readonly attempt: number
  /** Ends the connection, whatever is still to come. */
  abandon(): void
}

/** The path of a key: each segment percent-encoded, once. */
export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
}
