import { chown, lstat, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../kernel/index.ts'
import type { Binaries } from './binaries.ts'
import { type CommandResult, runCommand } from './command.ts'
import { postgresEmbeddedLaunchRefused } from './errors.ts'
import type { Account, Launcher } from './account.ts'
import type { Layout } from './layout.ts'

export interface ChosenLauncher {
  readonly launcher: Launcher
  /** As the server reports it, for example "18.4". */
  readonly version: string
}

/** What a way of running is tried on. */
export interface Surroundings {
  readonly layout: Layout
  readonly binaries: Binaries
  readonly clock: Clock
}

const probeTimeoutMs = 10_000
const accountNames = ['postgres', 'node', 'nobody']
/** Succeeds only for somebody who is not root, may write the folder, has a name (initdb looks it
 *  up) and can load the server with its libraries. */
const probeScript =
  '[ "$(id -u)" != 0 ] && id -un >/dev/null && cd "$1" && : >probe && exec "$2" --version'

/** Finds a way that works by running each candidate once, in order of preference, and hands it the
 *  files.
 *  @throws POSTGRES_EMBEDDED_LAUNCH_REFUSED naming every attempt and what it answered. */
export async function chooseLauncher(
  launchers: readonly Launcher[],
  surroundings: Surroundings,
): Promise<ChosenLauncher> {
  const tried: string[] = []
  for (const launcher of launchers) {
    const result = await probe(launcher, surroundings)
    const version = /\(PostgreSQL\) (\S+)/.exec(result.output)?.[1]
    if (result.code === 0 && version !== undefined) {
      await giveFiles(surroundings.layout.data, launcher)
      return { launcher, version }
    }
    tried.push(`${launcher.name} (${result.output || `exit code ${result.code}`})`)
  }
  const { folder } = surroundings.layout
  throw postgresEmbeddedLaunchRefused({ folder, tried: tried.join('; ') })
}

async function probe(
  launcher: Launcher,
  { layout, binaries, clock }: Surroundings,
): Promise<CommandResult> {
  const options = { clock, timeoutMs: probeTimeoutMs }
  if (process.platform === 'win32') {
    return runCommand(launcher, [binaries.postgres, '--version'], options)
  }
  await giveFolder(layout.folder, launcher)
  const folder = await mkdtemp(join(layout.folder, 'probe-'))
  try {
    await giveFolder(folder, launcher)
    const command = ['/bin/sh', '-c', probeScript, 'probe', folder, binaries.postgres]
    return await runCommand(launcher, command, options)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Root without the right to give files away (some containers) fails the probe, not the start. */
async function giveFolder(folder: string, { owner }: Launcher): Promise<void> {
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid).catch(() => undefined)
}

/** As an ordinary user: directly. As root: as the owner of data that exists; else in a user
 *  namespace, where the files stay root's; else as an account made for such things. */
export async function listLaunchers(layout: Layout): Promise<Launcher[]> {
  if (process.getuid?.() !== 0) {
    return [{ name: 'as the current user', prefix: [], credentials: {}, owner: undefined }]
  }
  const data = await stat(layout.data).catch(() => undefined)
  const accounts = await readAccounts()
  const known = accountNames.flatMap((name) => accounts.get(name) ?? [])
  const owner = data === undefined || data.uid === 0 ? [] : [{ uid: data.uid, gid: data.gid }]
  return [
    ...owner.map((account) => asAccount(account, 'as the owner of the data')),
    ...inNamespace(known[0] ?? [...accounts.values()].find(({ uid }) => uid !== 0)),
    ...known.map((account) => asAccount(account, 'as an account')),
  ]
}

function asAccount(account: Account, how: string): Launcher {
  const name = `${how} ${account.uid}:${account.gid}`
  return { name, prefix: [], credentials: account, owner: account }
}

/** Inside, root is mapped to an account that has a name, because initdb looks its user up. */
function inNamespace(account: Account | undefined): Launcher[] {
  if (process.platform !== 'linux' || account === undefined) return []
  const { uid, gid } = account
  const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--']
  return [{ name: prefix.join(' '), prefix, credentials: {}, owner: { uid: 0, gid: 0 } }]
}

async function readAccounts(): Promise<Map<string, Account>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const accounts = new Map<string, Account>()
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === undefined || uid === undefined || gid === undefined) continue
    accounts.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return accounts
}

/** Hands data that another way of running left behind to this one. */
async function giveFiles(data: string, launcher: Launcher): Promise<void> {
  const { owner } = launcher
  const found = await lstat(data).catch(() => undefined)
  if (owner === undefined || found === undefined || found.uid === owner.uid) return
  await chown(data, owner.uid, owner.gid)
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) {
      await chown(join(entry.parentPath, entry.name), owner.uid, owner.gid)
    }
  }
}
