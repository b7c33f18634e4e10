import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const script = new URL('./consumer-process.fixture.ts', import.meta.url).pathname

/** A consumer as a process of its own, and the ids that it was given and took. */
export class ConsumerProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly given: string[] = []

  /** @param taken  Ids are added here when they are committed, by whoever. */
  constructor(args: readonly string[], taken: string[]) {
    const command = ['--conditions=source', '--disable-warning=ExperimentalWarning', script]
    const child = spawn(process.execPath, [...command, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      const value = JSON.parse(line) as { given?: string[]; taken?: string[] }
      this.given.push(...(value.given ?? []))
      taken.push(...(value.taken ?? []))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
  }
}
