/** The peers: other people's servers, installed into bench/peers only, from its own lockfile. */
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const installMsMax = 300_000

/** Installs the peers with `npm ci` unless what is installed is newer than the lockfile.
 *  @throws Error when npm fails. */
export function installPeers(folder: string, say: (line: string) => void): void {
  const installedMs = modifiedMs(join(folder, 'node_modules/.package-lock.json'))
  if (installedMs >= modifiedMs(join(folder, 'package-lock.json'))) return
  say('installing the peers into bench/peers (first run only) …')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: outsideOfNpmRun(process.env),
    encoding: 'utf8',
    timeout: installMsMax,
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) throw new Error(`npm ci in bench/peers failed: ${npm.stderr}`)
}

/** Name and exact version of each package that the peers depend on directly. */
export function peerVersions(folder: string): Record<string, string> {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  return dependencies
}

// Inside `npm run` npm tells its children which workspace they are in; this one is in none.
function outsideOfNpmRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_config_(workspace|local_prefix)/i.test(name)),
  )
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
