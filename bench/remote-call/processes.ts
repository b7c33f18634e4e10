/** Runs one subject: its server on the server core, its client on the load core, in a folder of their
 *  own that is removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, loadCore, serverCore, startNode } from '../measure/child.ts'
import type { CellSeen, ClientPlan } from './client.ts'
import type { CellPlan } from './scenario.ts'
import type { Subject } from './subjects.ts'

const readyMsMax = 30_000
/** To connect, verify and close, beside the cells themselves. */
const aroundMsMax = 60_000
const clientFile = fileURLToPath(new URL('./client.ts', import.meta.url))

export type SubjectRun = {
  readonly cells: readonly CellPlan[]
  /** Arguments of Node, for the profiler. */
  readonly serverArgs?: readonly string[]
  readonly clientArgs?: readonly string[]
}

/** @throws Error when a process fails, an answer is wrong, or a limit of time passes. */
export async function runSubject(subject: Subject, run: SubjectRun): Promise<CellSeen[]> {
  using folder = new RunFolder()
  const options = {
    env: { NODE_ENV: 'production', BENCH_FOLDER: folder.path, ...subject.env },
  }
  await using server =
    subject.server === undefined
      ? undefined
      : startNode(subject.server, {
          ...options,
          core: serverCore,
          nodeArgs: run.serverArgs ?? [],
        })
  const announced = server === undefined ? {} : { serverPid: server.pid }
  const address = server === undefined ? {} : await announcedAddress(server)
  const plan: ClientPlan = { file: subject.client, address, cells: run.cells, ...announced }
  await using client = startNode(clientFile, {
    ...options,
    core: loadCore,
    nodeArgs: run.clientArgs ?? [],
    args: [JSON.stringify(plan)],
  })
  const seen: CellSeen[] = JSON.parse(await client.output(clientMsMax(run.cells)))
  if (server !== undefined && !(await server.stop())) {
    throw new Error('the server did not stop within 10 s of SIGTERM')
  }
  return seen
}

async function announcedAddress(server: Child): Promise<object> {
  return JSON.parse(await server.line(/^\{"ready":true/, readyMsMax))
}

function clientMsMax(cells: readonly CellPlan[]): number {
  const seconds = cells.reduce((sum, cell) => sum + cell.seconds + cell.warmSeconds, 0)
  return seconds * 1_000 + aroundMsMax
}

class RunFolder implements Disposable {
  readonly path: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'banyan-bench-'))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
