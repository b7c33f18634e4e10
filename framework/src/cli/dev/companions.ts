import type { Clock } from '../../kernel/index.ts'
import type { Companion } from '../load-application.ts'
import { assertUnanswered, CompanionProcess } from './companion-process.ts'

export interface CompanionsOptions {
  readonly clock: Clock
  /** The application's folder. */
  readonly cwd: string
  /** Called when one ended that had been ready, and was not asked to. */
  readonly onExit: (name: string, status: string) => void
}

/** The companions of one `banyan dev`: started once, kept while the application is replaced, started
 *  again when they ended meanwhile. */
export class Companions {
  readonly #processes = new Map<string, CompanionProcess>()
  readonly #options: CompanionsOptions
  #isStopping = false

  constructor(options: CompanionsOptions) {
    this.#options = options
  }

  get names(): readonly string[] {
    return [...this.#processes.keys()]
  }

  /** Starts those that do not run, and waits until all are ready.
   *  @throws CLI_COMPANION_FAILED */
  async ensure(companions: readonly Companion[]): Promise<void> {
    await Promise.all(companions.map((companion) => this.#ensureOne(companion)))
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#processes.values()].map((companion) => companion.stop()))
  }

  /** Ends them by force. */
  kill(): void {
    for (const companion of this.#processes.values()) companion.kill()
  }

  async #ensureOne(companion: Companion): Promise<void> {
    if (this.#isStopping || this.#processes.get(companion.name)?.isRunning === true) return
    await assertUnanswered(companion)
    const started = new CompanionProcess(companion, this.#options)
    this.#processes.set(companion.name, started)
    await started.waitReady(companion.ready)
    void started.exited.then((status) => {
      if (!this.#isStopping) this.#options.onExit(companion.name, status)
    })
  }
}
