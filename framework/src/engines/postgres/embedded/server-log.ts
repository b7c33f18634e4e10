import { open, rename, stat } from 'node:fs/promises'
import type { Account } from './account.ts'

const logBytesMax = 8 * 1024 * 1024
const tailBytesMax = 8 * 1024
const tailLinesMax = 20

/** The file that the server writes to, and where this start's part of it begins. */
export interface ServerLog {
  readonly path: string
  readonly startOffset: number
}

/** Readies the log file; one above 8 MiB becomes `postgres.log.1`, replacing the former. */
export async function openServerLog(path: string, owner: Account | undefined): Promise<ServerLog> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined && found.size > logBytesMax) await rename(path, `${path}.1`)
  const handle = await open(path, 'a', 0o600)
  try {
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid)
    return { path, startOffset: (await handle.stat()).size }
  } finally {
    await handle.close()
  }
}

/** The last lines of this start, at most 20 and 8 KiB. */
export async function readLogTail(log: ServerLog): Promise<string> {
  const handle = await open(log.path, 'r')
  try {
    const { size } = await handle.stat()
    const from = Math.max(log.startOffset, size - tailBytesMax)
    const buffer = Buffer.alloc(Math.max(0, size - from))
    await handle.read(buffer, 0, buffer.length, from)
    return buffer.toString('utf8').trim().split('\n').slice(-tailLinesMax).join('\n')
  } finally {
    await handle.close()
  }
}
