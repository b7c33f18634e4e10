import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestEvent } from './test-events.ts'

/** What one test file's process did. */
export interface FileOutcome {
  readonly file: string
  readonly durationMs: number
  readonly tests: readonly TestEvent[]
  /** What is wrong with the file as a whole: it crashed, hung, or holds no test. */
  readonly problem: string
  readonly output: string
}

export interface FileOptions {
  readonly root: string
  readonly timeoutMs: number
  /** How test applications run their modules: what `testApplication` reads as TEST_RUNNER. */
  readonly runner?: Runner
  /** Which modules are services of their own: what it reads as TEST_SERVICES. */
  readonly services?: string
  /** Only tests whose title matches; then a file without a match is no problem. */
  readonly namePattern?: string
  /** Told the process group that runs the file, so that an interrupted run can end it. */
  readonly onStarted?: (processGroup: number) => void
}

/** All that `testApplication` knows. */
export const runners = ['inline', 'wire', 'split', 'split-kill'] as const
export type Runner = (typeof runners)[number]

const reporter = fileURLToPath(new URL('./test-events.ts', import.meta.url))

/** Runs one test file in a process of its own and in a process group of its own, so that whatever it
 *  leaves behind ends with it. */
export async function runTestFile(file: string, options: FileOptions): Promise<FileOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-test-'))
  const events = join(folder, 'events.ndjson')
  const startedMs = performance.now()
  try {
    const { code, output } = await runProcess(file, events, options)
    const tests = readEvents(events)
    const problem = problemOf(code, tests, output, options)
    const label = labelOf(file, options)
    return { file: label, durationMs: performance.now() - startedMs, tests, problem, output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function labelOf(file: string, { runner = 'inline', services }: FileOptions): string {
  const how = [runner, services].filter((word) => word !== undefined).join(' ')
  return how === 'inline' ? file : `${file} [${how}]`
}

type ExitCode = number | 'timeout' | 'signal'

function runProcess(
  file: string,
  events: string,
  options: FileOptions,
): Promise<{ code: ExitCode; output: string }> {
  const filter =
    options.namePattern === undefined ? [] : ['--test-name-pattern', options.namePattern]
  const args = [
    ...['--conditions=source', '--disable-warning=ExperimentalWarning', '--expose-gc'],
    ...['--test-reporter', reporter, '--test-reporter-destination', events, ...filter, file],
  ]
  return new Promise((resolve) => {
    let output = ''
    let late = false
    const child = spawn(process.execPath, args, {
      cwd: options.root,
      env: {
        ...environment(options.root),
        TEST_RUNNER: options.runner,
        TEST_SERVICES: options.services,
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const group = child.pid ?? 0
    if (group > 0) options.onStarted?.(group)
    const timer = setTimeout(() => {
      late = true
      endGroup(group)
    }, options.timeoutMs)
    const take = (chunk: Buffer): void => void (output += chunk.toString('utf8'))
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    // `exit`, not `close`: a process left behind by a test may hold the pipes open for ever.
    child.once('exit', (code) => {
      clearTimeout(timer)
      endGroup(group)
      setImmediate(() => resolve({ code: late ? 'timeout' : (code ?? 'signal'), output }))
    })
  })
}

function environment(root: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/banyan/compile'),
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    NODE_TEST_CONTEXT: undefined,
  }
}

/** Ends every process of a group; one that is already gone is fine. */
export function endGroup(group: number): void {
  if (group <= 0) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // ESRCH: nothing is left, which is what was wanted.
  }
}

function readEvents(path: string): TestEvent[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  // A killed process may leave half a line at the end.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TestEvent)
}

function problemOf(
  code: ExitCode,
  tests: readonly TestEvent[],
  output: string,
  options: FileOptions,
): string {
  if (code === 'timeout') {
    return `did not end within ${options.timeoutMs} ms: a test hangs or something keeps the process alive`
  }
  if (code === 'signal') return 'was killed by a signal'
  if (code !== 0 && !tests.some((test) => test.outcome === 'failed')) {
    return `ended with code ${code}\n${output.trimEnd()}`
  }
  if (tests.length === 0 && options.namePattern === undefined) return 'holds no test'
  return ''
}
