import { formatLine, tryParseLine } from './line-format.ts'

/** What is said when the application serves for the first time. */
export interface Banner {
  readonly application: string
  readonly modules: readonly string[]
  readonly url: string
  readonly took: string
  readonly database: string
  readonly companions: readonly string[]
}

/** What `banyan dev` prints: text for people, or one JSON object per line: events of its own have a
 *  `type`, lines of the application's log have a `level`. */
export class DevOutput {
  readonly #isJson: boolean
  readonly #write: (text: string) => void

  constructor(isJson: boolean, write: (text: string) => void) {
    this.#isJson = isJson
    this.#write = write
  }

  /** A line that the application wrote. */
  line(line: string): void {
    if (this.#isJson) this.#write(`${line}\n`)
    // The banner says where it listens.
    else if (tryParseLine(line)?.['msg'] !== 'listening') this.#write(`${formatLine(line)}\n`)
  }

  /** Something that happened, as an object and as a sentence. */
  event(type: string, fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#write(this.#isJson ? `${JSON.stringify({ type, ...fields })}\n` : `  ${text}\n`)
  }

  /** An error, as an object and as people read it. */
  failure(error: Readonly<Record<string, unknown>>, text: string): void {
    this.#write(this.#isJson ? `${JSON.stringify({ type: 'failed', error })}\n` : `${text}\n`)
  }

  banner(banner: Banner): void {
    if (this.#isJson) return this.#write(`${JSON.stringify({ type: 'ready', ...banner })}\n`)
    const { application, modules, url, took, database, companions } = banner
    const running = ['1 process', database, ...companions].join(', ')
    this.#write(`
  ${application} is ready in ${took}   (Node ${process.versions.node})

  API        ${url}
  docs       ${url}/docs
  metrics    ${url}/metrics
  modules    ${modules.join(' ')}
  running    ${running}

  Ctrl-C stops everything. Changed files restart the application.

`)
  }
}
