import { rm, stat, statfs, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import type { Clock } from '../../kernel/index.ts'
import { type Examination, fail, ok, warn } from './examination.ts'

const nodeMin = [22, 18] as const
const gigabyte = 1_000_000_000
const bytesFailing = 0.2 * gigabyte
const bytesWarning = gigabyte

/** Whether this Node can run Banyan. */
export function examineNode(version: string = process.versions.node): Examination {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])
  if (isEnough) return ok('node', `Node ${version}`)
  return fail(
    'node',
    `Node ${version}, needed ${nodeMin.join('.')}`,
    'Install Node 24: nvm install 24',
  )
}

/** Whether the port is free, or taken by the application itself. */
export async function examinePort(
  { host, port }: { readonly host: string; readonly port: number },
  ownUrl: string | undefined,
): Promise<Examination> {
  const place = `${host}:${port}`
  if (ownUrl !== undefined && new URL(ownUrl).port === String(port)) {
    return ok('port', `${place} serves this application`)
  }
  const cause = await tryListen(host, port)
  if (cause === undefined) return ok('port', `${place} is free`)
  return fail('port', `${place}: ${cause}`, 'Choose another one: --port, or BANYAN_PORT.')
}

/** Whether there is room to work: a full disk makes PostgreSQL stop. */
export async function examineDisk(folder: string): Promise<Examination> {
  const { bavail, bsize } = await statfs(await nearestExisting(folder))
  const free = bavail * bsize
  const text = `${(free / gigabyte).toFixed(1)} GB free for ${folder}`
  const fix = 'Free some space; PostgreSQL stops when the disk is full.'
  if (free < bytesFailing) return fail('disk', text, fix)
  return free < bytesWarning ? warn('disk', text, fix) : ok('disk', text)
}

const skewMsMax = 2_000

/** Whether the clock agrees with that of the file system, and is not obviously wrong. */
export async function examineClock(clock: Clock, folder: string): Promise<Examination> {
  const fix = 'Set the clock: tokens expire by it.'
  const file = path.join(await nearestExisting(folder), `.banyan-clock-${process.pid}`)
  try {
    await writeFile(file, '')
    const skewMs = Math.abs((await stat(file)).mtimeMs - clock.nowMs())
    const now = new Date(clock.nowMs()).toISOString()
    if (skewMs <= skewMsMax) return ok('clock', now)
    const text = `${now}, but the file system differs by ${Math.round(skewMs / 1_000)} s`
    return warn('clock', text, fix)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    return fail('folder', `nothing can be written: ${cause}`, 'Make the folder writable.')
  } finally {
    await rm(file, { force: true })
  }
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** The folder, or the nearest one above it that exists. */
async function nearestExisting(folder: string): Promise<string> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found?.isDirectory() === true || at === path.dirname(at)) return at
  }
}
