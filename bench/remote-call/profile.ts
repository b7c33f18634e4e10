/** Profiles the two processes of one subject at 64 callers, and prints where their time went.
 *  node --conditions=source bench/remote-call/profile.ts <subject> [--cell many|uneven|one]
 *  [--seconds S] [--top N]; the .cpuprofile files stay in a folder that is printed. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinRunner } from '../measure/child.ts'
import { runSubject } from './processes.ts'
import { planCells } from './scenario.ts'
import { subjects } from './subjects.ts'

type ProfileNode = {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
  }
}

type Profile = {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Self time by function, longest first, as lines with their share of what is not idle. */
function selfTimes(profile: Profile, top: number): string[] {
  const nameOf = new Map(profile.nodes.map((node) => [node.id, nameOfFrame(node.callFrame)]))
  const usByName = new Map<string, number>()
  for (const [index, id] of profile.samples.entries()) {
    const name = nameOf.get(id) ?? 'unknown'
    usByName.set(name, (usByName.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0))
  }
  const idleUs = usByName.get('(idle)') ?? 0
  const allUs = profile.timeDeltas.reduce((sum, one) => sum + one, 0)
  const sorted = [...usByName].filter(([name]) => name !== '(idle)').sort((a, b) => b[1] - a[1])
  return [
    `busy ${(((allUs - idleUs) / allUs) * 100).toFixed(0)} %`,
    ...sorted
      .slice(0, top)
      .map(([name, us]) => `${((us / (allUs - idleUs)) * 100).toFixed(1).padStart(5)} %  ${name}`),
  ]
}

function nameOfFrame(frame: ProfileNode['callFrame']): string {
  const file = frame.url.split('/').slice(-2).join('/')
  return file === ''
    ? frame.functionName
    : `${frame.functionName || '(anonymous)'} ${file}:${frame.lineNumber + 1}`
}

function profilerArgs(folder: string, name: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`]
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cell: { type: 'string', default: 'many' },
      seconds: { type: 'string', default: '5' },
      top: { type: 'string', default: '30' },
    },
  })
  const subject = subjects.find(({ name }) => name === positionals[0])
  const cells = planCells(Number(values.seconds)).filter(({ name }) => name === values.cell)
  if (subject === undefined || cells.length === 0) {
    throw new Error(`give a subject: ${subjects.map(({ name }) => name).join(', ')}`)
  }
  pinRunner()
  const folder = mkdtempSync(join(tmpdir(), `banyan-profile-${subject.name}-`))
  const [seen] = await runSubject(subject, {
    cells,
    clientArgs: profilerArgs(folder, 'client'),
    serverArgs: profilerArgs(folder, 'server'),
  })
  process.stdout.write(`${Math.round(seen?.callsPerSecond ?? 0)} calls/s while profiled\n`)
  for (const file of readdirSync(folder).sort()) {
    const profile: Profile = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    process.stdout.write(`\n${join(folder, file)}\n`)
    process.stdout.write(`${selfTimes(profile, Number(values.top)).join('\n')}\n`)
  }
}

if (import.meta.main) await main()
