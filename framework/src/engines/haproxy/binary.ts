import { execFile } from 'node:child_process'
import { haproxyBinaryMissing, haproxyVersionUnsupported } from './errors.ts'

/** An HAProxy that can be started. */
export interface HaproxyBinary {
  /** A path, or a name that the PATH resolves. */
  readonly path: string
  /** For example "2.6.12-1+deb12u4". */
  readonly version: string
  /** Whether it can show its own metrics to Prometheus. */
  readonly hasExporter: boolean
}

const oldest = '2.6'
const timeoutMs = 10_000
/** Debian's is not on the PATH of an ordinary user. */
const standardPlaces = [
  'haproxy',
  '/usr/sbin/haproxy',
  '/usr/local/sbin/haproxy',
  '/usr/local/bin/haproxy',
  '/opt/homebrew/bin/haproxy',
]

/** Finds HAProxy and asks it what it is.
 *  @param given  The only place to look; else the PATH and where systems put it.
 *  @throws HAPROXY_BINARY_MISSING · HAPROXY_VERSION_UNSUPPORTED */
export async function findBinary(given?: string): Promise<HaproxyBinary> {
  const places = given === undefined ? standardPlaces : [given]
  for (const path of places) {
    const text = await describe(path)
    if (text !== undefined) return readDescription(path, text)
  }
  throw haproxyBinaryMissing({ tried: places.join(', ') })
}

/** What it says of itself; undefined when there is nothing that can be run. */
function describe(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(path, ['-vv'], { timeout: timeoutMs }, (error, stdout, stderr) => {
      const isAbsent = error !== null && (error.code === 'ENOENT' || error.code === 'EACCES')
      resolve(isAbsent ? undefined : `${stdout}${stderr}`)
    })
  })
}

function readDescription(path: string, text: string): HaproxyBinary {
  const match = /^HA-?Proxy version (\d+)\.(\d+)(\S*)/m.exec(text)
  if (match === null) throw unsupported(path, 'no HAProxy')
  const [, major = '', minor = '', rest = ''] = match
  const version = `${major}.${minor}${rest}`
  const [majorMin = 0, minorMin = 0] = oldest.split('.').map(Number)
  const isOld = Number(major) < majorMin || (Number(major) === majorMin && Number(minor) < minorMin)
  if (isOld) throw unsupported(path, `HAProxy ${version}`)
  const hasExporter = /^Available services\s*:.*\bprometheus-exporter\b/m.test(text)
  return { path, version, hasExporter }
}

function unsupported(binary: string, found: string): Error {
  return haproxyVersionUnsupported({ binary, found, oldest })
}
