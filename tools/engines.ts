import { type EngineRow, engines } from './engine-table.ts'
import { findBinary } from './engine-presence.ts'
import { repositoryRoot } from './repository.ts'
import { runCommand } from './run-command.ts'

const timeoutMs = 280_000

/** One line of `npm run engines -- --check --json`. */
export interface EngineState {
  readonly name: string
  readonly found: boolean
  readonly path: string | undefined
  readonly neededBy: string
}

/** Which engines of the table this machine has. */
export function engineStates(table: readonly EngineRow[] = engines, path?: string): EngineState[] {
  return table.map(({ name, binary, neededBy }) => {
    const found = findBinary(binary, path)
    return { name, found: found !== undefined, path: found, neededBy }
  })
}

/** What a person types to install `missing`, by system. */
export function installInstructions(missing: readonly EngineRow[]): string {
  const names = (pick: (row: EngineRow) => string): string => missing.map(pick).join(' ')
  const images = missing.flatMap(({ name, docker }) => (docker ? [`${name}: ${docker}`] : []))
  const debian = `apt-get install -y --no-install-recommends ${names((row) => row.debian)}`
  return [
    `Debian, Ubuntu   sudo apt-get update && sudo ${debian}`,
    `macOS            brew install ${names((row) => row.homebrew)}`,
    `Docker           docker run --rm -it -v "$PWD":/banyan -w /banyan node:24-bookworm sh -c \\`,
    `                   'apt-get update && ${debian} && npm ci && npm test'`,
    ...(images.length === 0 ? [] : [`Images           ${images.join(', ')}`]),
  ].join('\n')
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--json')
  if (unknown !== undefined) {
    console.error(`npm run engines [-- --check] [--json]; "${unknown}" is neither`)
    return 2
  }
  if (!args.includes('--check')) await installMissing(args.includes('--json'))
  const states = engineStates()
  const ok = states.every((state) => state.found)
  if (args.includes('--json')) {
    console.log(JSON.stringify({ schema: 'banyan.engines/1', ok, engines: states }))
    return ok ? 0 : 1
  }
  for (const { name, path, neededBy } of states) {
    console.log(
      `${path === undefined ? 'missing' : 'found  '}  ${name}  ${path ?? `needed by ${neededBy}`}`,
    )
  }
  if (!ok) console.log(`\n${installInstructions(missingEngines())}`)
  return ok ? 0 : 1
}

function missingEngines(): EngineRow[] {
  return engines.filter((row) => findBinary(row.binary) === undefined)
}

/** Installs through apt-get where it can without asking anybody: as root, or by sudo without password. */
async function installMissing(quiet: boolean): Promise<void> {
  const missing = missingEngines()
  if (missing.length === 0 || findBinary('apt-get') === undefined) return
  const isRoot = process.getuid?.() === 0
  if (!isRoot && findBinary('sudo') === undefined) return
  const apt = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get']
  const packages = missing.map((row) => row.debian)
  const steps = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]
  for (const step of steps) {
    const [command = '', ...rest] = [...apt, ...step]
    const result = await runCommand(command, rest, {
      cwd: repositoryRoot,
      timeoutMs,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (result.code === 0 || quiet) continue
    console.log(`${command} ${rest.join(' ')} failed:\n${result.output.trimEnd()}\n`)
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
