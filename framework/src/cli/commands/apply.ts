import {
  type Applied,
  assertSafe,
  clusterPreviousMissing,
  type Described,
  type PlannedSystem,
  type RunFolder,
  runFolderAt,
} from '../../cluster/index.ts'
import { formatDuration } from '../../kernel/index.ts'
import type { Application } from '../../module/index.ts'
import { describeDiff, diffPlans, isSamePlan } from '../../topology/index.ts'
import { cliInputMalformed } from '../errors.ts'
import { loadProject } from '../load-application.ts'
import { print } from '../terminal.ts'
import { ask, runFolderOf } from '../up/ask.ts'
import { loadSystem } from '../up/planned-system.ts'

export interface ApplyFlags {
  readonly back?: boolean
  readonly set?: readonly string[]
  readonly force?: boolean
  /** In milliseconds. */
  readonly deadline?: number
  readonly json?: boolean
}

/** Longest wait for new instances unless another is given. */
const deadlineMs = 120_000

/** What is to run instead. */
interface Target {
  readonly application: Application
  readonly run: RunFolder
  readonly system: PlannedSystem
}

/** `banyan apply`: moves a running system to another topology, without a failed request. */
export async function apply(
  flags: ApplyFlags,
  place: string | undefined,
  folder: string | undefined,
): Promise<void> {
  const { application, run, system } = await findTarget(flags, place, folder)
  const isJson = flags.json ?? false
  const { system: current } = await describe(run)
  const isForced = flags.force ?? false
  assertSafe(current, system, { isForced })
  const difference = diffPlans(current.plan, system.plan, application)
  if (isJson) print(JSON.stringify({ type: 'difference', difference }))
  else print(`${describeDiff(difference)}\n`)
  if (isSamePlan(difference)) return
  const options = { isForced, deadlineMs: flags.deadline ?? deadlineMs }
  const answer = await ask({
    folder: run,
    request: { type: 'request', command: 'apply', system, options },
    isJson,
    hasLines: false,
    leaving: 'the change goes on; `banyan ps` shows how far it is',
  })
  if (answer !== undefined) printApplied(answer as Applied, isJson)
}

async function findTarget(
  { back = false, set = [] }: ApplyFlags,
  place: string | undefined,
  folder: string | undefined,
): Promise<Target> {
  if (back) return findPrevious(place ?? '.')
  if (place === undefined) {
    throw cliInputMalformed({ argument: 'the topology', cause: 'none was given, nor --back' })
  }
  const source = { topologyFile: place, folder, environment: process.env, flags: set }
  const { application, system, stateFolder } = await loadSystem(source)
  return { application, system, run: runFolderAt(stateFolder) }
}

/** With --back the only argument is the folder. */
async function findPrevious(folder: string): Promise<Target> {
  const run = runFolderOf(folder)
  const { previous } = await describe(run)
  if (previous === undefined) throw clusterPreviousMissing({ folder: run.root })
  const { application } = await loadProject(folder)
  return { application, run, system: previous }
}

async function describe(run: RunFolder): Promise<Described> {
  const request = { type: 'request', command: 'describe' } as const
  const question = { folder: run, request, isJson: true, hasLines: false, leaving: '' }
  return (await ask(question)) as Described
}

function printApplied(applied: Applied, isJson: boolean): void {
  if (isJson) return print(JSON.stringify({ type: 'applied', ...applied }))
  const { topology, kept, started, removed, tookMs } = applied
  const count = (names: readonly string[], word: string): string => `${names.length} ${word}`
  const parts = [count(started, 'started'), count(removed, 'stopped'), count(kept, 'kept')]
  print(`\n  ${topology} runs, after ${formatDuration(tookMs)}: ${parts.join(', ')}`)
  print('  Back: banyan apply --back')
}
