import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { readdir, stat, unlink } from 'node:fs/promises'
import path from 'node:path'

/** A log beyond this size is put away. */
export const logBytesMax: number = 10 * 1024 * 1024
/** Logs of processes that have ended; older ones are removed. */
export const endedLogsMax = 20

const chunkBytes = 256 * 1024

/** Puts a log away when it is larger than `bytesMax`: its content goes to `<file>.1`, what was there to
 *  `<file>.2`, and the log begins anew.
 *
 *  The process keeps its descriptor, which appends, so the file is emptied and not renamed. Between the
 *  last read and the emptying lies nothing but one system call; a line written in these microseconds
 *  is the only one that can be lost. Requires: the descriptor of the writer appends (O_APPEND).
 *  @returns whether it was put away */
export function rotateLog(file: string, bytesMax: number = logBytesMax): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined || found.size <= bytesMax) return false
  rmSync(`${file}.2`, { force: true })
  if (statSync(`${file}.1`, { throwIfNoEntry: false }) !== undefined) {
    renameSync(`${file}.1`, `${file}.2`)
  }
  const source = openSync(file, 'r+')
  const target = openSync(`${file}.1`, 'w', 0o600)
  try {
    moveContent(source, target)
  } finally {
    closeSync(source)
    closeSync(target)
  }
  return true
}

function moveContent(source: number, target: number): void {
  const chunk = Buffer.allocUnsafe(chunkBytes)
  let position = 0
  for (;;) {
    const count = readSync(source, chunk, 0, chunk.length, position)
    if (count > 0) writeSync(target, chunk, 0, count)
    position += count
    if (count < chunk.length && fstatSync(source).size <= position) break
  }
  ftruncateSync(source, 0)
}

/** The last `linesMax` lines of a log, for the text of an error; empty when there is none. */
export function readLastLines(file: string, linesMax: number = 12): string {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return ''
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Math.min(found.size, 8 * 1024)
    const tail = Buffer.alloc(bytes)
    readSync(descriptor, tail, 0, bytes, found.size - bytes)
    return tail.toString().trimEnd().split('\n').slice(-linesMax).join('\n')
  } finally {
    closeSync(descriptor)
  }
}

/** Removes the oldest logs of processes that have ended, with what was put away of them.
 *  @param isKept  whether the process with that id still runs */
export async function pruneLogs(folder: string, isKept: (id: string) => boolean): Promise<void> {
  const ended: { readonly file: string; readonly changedMs: number }[] = []
  for (const name of await readdir(folder)) {
    const id = /^(.+)\.log$/.exec(name)?.[1]
    if (id === undefined || isKept(id)) continue
    const file = path.join(folder, name)
    const found = await stat(file).catch(() => undefined)
    if (found !== undefined) ended.push({ file, changedMs: found.mtimeMs })
  }
  ended.sort((left, right) => right.changedMs - left.changedMs)
  for (const { file } of ended.slice(endedLogsMax)) {
    for (const name of [file, `${file}.1`, `${file}.2`]) await unlink(name).catch(() => {})
  }
}
