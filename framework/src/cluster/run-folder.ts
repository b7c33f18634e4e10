import { createHash } from 'node:crypto'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { clusterFolderUnusable } from './errors.ts'

/** Where a supervisor keeps what it must not forget. All paths are absolute. */
export interface RunFolder {
  /** `<project>/.banyan/run`, entered by its owner alone. */
  readonly root: string
  /** The right to supervise; see `FolderLock`. */
  readonly lock: string
  /** What runs; see `RecordedState`. */
  readonly state: string
  /** The plan that runs, for people and programs. */
  readonly plan: string
  /** Everything that a plan needs, by number: `plans/3.json`. */
  readonly plans: string
  readonly logs: string
  /** Of the gateway's engine, which has sockets in it. */
  readonly gateway: string
  /** Of the Unix sockets; elsewhere when the project's path is too long for one. */
  readonly sockets: string
  readonly control: string
}

/** The shortest `sun_path` of the supported systems (macOS) holds 104 bytes with its final NUL. */
const socketPathBytesMax = 103
/** Of the gateway's folder, as its engine says. */
const gatewayPathBytesMax = 90
/** Longest name in the folder of sockets: `<service>-<index>-g<generation>.sock`. */
const socketNameBytesMax = 50

/** The paths of a run folder; nothing is made. */
export function runFolderAt(stateFolder: string, temporary: string = tmpdir()): RunFolder {
  const root = path.join(path.resolve(stateFolder), 'run')
  const sockets = chooseSocketFolder(root, temporary)
  return {
    root,
    lock: path.join(root, 'lock'),
    state: path.join(root, 'state.json'),
    plan: path.join(root, 'plan.json'),
    plans: path.join(root, 'plans'),
    logs: path.join(root, 'logs'),
    gateway: chooseGatewayFolder(root, sockets),
    sockets,
    control: path.join(sockets, 'control.sock'),
  }
}

/** Makes a run folder and checks that nobody else gets in: who can open the control socket is obeyed.
 *  @throws CLUSTER_FOLDER_UNUSABLE */
export async function openRunFolder(folder: RunFolder): Promise<void> {
  for (const part of [folder.root, folder.plans, folder.logs, folder.sockets]) {
    await openPrivate(part)
  }
}

/** The plan with that number and what belongs to it. */
export function planFileOf(folder: RunFolder, plan: number): string {
  return path.join(folder.plans, `${plan}.json`)
}

/** Where the instances of one circle find each other. */
export function directoryFileOf(folder: RunFolder, circle: number): string {
  return path.join(folder.root, `directory-${circle}.json`)
}

/** Where the peers of an instance reach it, by Unix socket. */
export function peerSocketOf(folder: RunFolder, id: string): string {
  return path.join(folder.sockets, `${id}.sock`)
}

export function logFileOf(folder: RunFolder, id: string): string {
  return path.join(folder.logs, `${id}.log`)
}

/** In the run folder when the paths fit, else a short path that only this folder and user hash to. */
function chooseSocketFolder(root: string, temporary: string): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16)
  const short = `banyan-run-${process.getuid?.() ?? 0}-${hash}`
  const candidates = [path.join(root, 'sockets'), path.join(temporary, short)]
  const fits = (folder: string): boolean =>
    Buffer.byteLength(folder) + 1 + socketNameBytesMax <= socketPathBytesMax
  return candidates.find(fits) ?? path.join('/tmp', short)
}

function chooseGatewayFolder(root: string, sockets: string): string {
  const own = path.join(root, 'gateway')
  const fits = Buffer.byteLength(own) <= gatewayPathBytesMax
  return fits ? own : path.join(sockets, 'gateway')
}

/** In a shared temporary folder another user may have made it first, to listen in our place. */
async function openPrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw clusterFolderUnusable({ folder, cause }, { cause: error })
  }
  const found = await lstat(folder)
  const owner = process.getuid?.() ?? found.uid
  if (!found.isDirectory() || found.uid !== owner) {
    const cause = `it belongs to user ${found.uid} or is no folder`
    throw clusterFolderUnusable({ folder, cause })
  }
  if ((found.mode & 0o077) !== 0) {
    const cause = `its mode is ${(found.mode & 0o777).toString(8)}, expected 700`
    throw clusterFolderUnusable({ folder, cause })
  }
}
