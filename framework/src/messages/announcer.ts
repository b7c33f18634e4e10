import type { Database, Listening } from '../data/index.ts'
import type { Clock, Timer } from '../kernel/index.ts'
import type { PlatformContexts } from './platform-context.ts'

export interface AnnouncerOptions {
  readonly database: Database
  readonly contexts: PlatformContexts
  readonly clock: Clock
  /** Tells announcements of this process from those of others. */
  readonly holder: string
  /** A module of this process: its connections carry the announcements. */
  readonly module: string
  /** Others have something for these modules; undefined: for any. */
  heard(modules: readonly string[] | undefined): void
}

export const channel = 'banyan_messages'

/** Sent by a module's writer, in a transaction of its own. */
const notifyText = 'select pg_notify($1, $2)'
/** Bytes of a notification; PostgreSQL refuses 8,000. */
const payloadBytesMax = 7_000
const everyMs = 2
const timeoutMs = 5_000

/** Tells the processes of an application that modules have something to do which this process does not
 *  do at once itself, and hears the same from others. Announcements gather while one is on its way, and
 *  follow each other by at least 2 ms: PostgreSQL commits notifications one after the other. They are
 *  hints; who misses one finds the work when it looks the next time. */
export class Announcer {
  readonly #options: AnnouncerOptions
  readonly #pending = new Set<string>()
  #listening: Listening | undefined
  #isSending = false
  #isStopped = false
  #timer: Timer | undefined

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** Whether others are heard now. */
  get isAlive(): boolean {
    return this.#listening?.isAlive === true
  }

  start(): void {
    const { database, heard } = this.#options
    this.#listening ??= database.listen(channel, {
      heard: (payload) => this.#heard(payload),
      // what was said meanwhile was missed
      changed: (isAlive) => isAlive && heard(undefined),
    })
  }

  announce(modules: readonly string[]): void {
    if (this.#isStopped) return
    for (const module of modules) this.#pending.add(module)
    if (this.#pending.size > 0 && !this.#isSending) void this.#send()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.stop()
    this.#listening?.close()
  }

  async #send(): Promise<void> {
    const { database, contexts, clock, holder, module } = this.#options
    this.#isSending = true
    const modules = [...this.#pending].join(' ')
    this.#pending.clear()
    const named = Buffer.byteLength(modules) > payloadBytesMax ? '*' : modules
    try {
      await database.of(module).withRunner(contexts.create(timeoutMs), (runner) => {
        return runner.run(notifyText, [channel, `${holder} ${named}`])
      })
    } catch {
      // others find the work when they look
    }
    this.#timer = clock.after(everyMs, () => {
      this.#isSending = false
      this.announce([])
    })
  }

  #heard(payload: string): void {
    const [holder, ...modules] = payload.split(' ')
    if (holder === this.#options.holder) return
    this.#options.heard(modules[0] === '*' ? undefined : modules)
  }
}
