/** A supervisor in a process of its own, so that tests can kill it. It prints its events as lines of JSON
 *  and takes its input as its first argument; SIGTERM ends everything, a second one by force. */
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../kernel/index.ts'
import { errorFieldsOf } from './error-fields.ts'
import type { PlannedSystem } from './planned-system.ts'
import { Supervisor } from './supervisor.ts'
import type { SupervisorLimits } from './supervisor-limits.ts'

interface Input {
  readonly stateFolder: string
  readonly system: PlannedSystem
  readonly limits: Partial<SupervisorLimits>
}

const { stateFolder, system, limits } = JSON.parse(process.argv[2] ?? '') as Input
const child = fileURLToPath(new URL('child.fixture.ts', import.meta.url))
const print = (event: unknown): void => void process.stdout.write(`${JSON.stringify(event)}\n`)

try {
  const supervisor = await Supervisor.open({
    stateFolder,
    clock: createSystemClock(),
    env: process.env,
    programOf: ({ kind }) => ({
      command: [process.execPath, ...process.execArgv, child, kind, stateFolder],
      cwd: stateFolder,
    }),
    limits,
    onEvent: print,
  })
  let count = 0
  const signalled = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => {
      count++
      if (count > 1) supervisor.hasten()
      resolve()
    })
  })
  const failed = supervisor.start(system, { isSeeding: true }).then(
    () => new Promise<never>(() => {}),
    (error: unknown) => error,
  )
  const error = await Promise.race([signalled, supervisor.downRequested, failed])
  if (error !== undefined) print({ type: 'failed', error: errorFieldsOf(error) })
  await supervisor.stop()
  process.exit(error === undefined ? 0 : 1)
} catch (error) {
  print({ type: 'failed', error: errorFieldsOf(error) })
  process.exit(1)
}
