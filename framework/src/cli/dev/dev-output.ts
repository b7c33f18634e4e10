import { formatLine } from './line-format.ts'

export interface Banner {
  readonly url: string
  readonly took: string
  readonly database: string
  readonly companions: readonly string[]
}

/** What `banyan dev` prints: text for people, or one JSON object per event. */
export class DevOutput {
  readonly #isJson: boolean
  readonly #write: (text: string) => void
  #name = ''
  #modules: readonly string[] = []

  constructor(isJson: boolean, write: (text: string) => void) {
    this.#isJson = isJson
    this.#write = write
  }

  /** A line of the application's log. */
  line(line: string): void {
    const text = this.#isJson ? line : formatLine(line)
    if (this.#isJson || !text.includes('listening')) this.#write(`${text}\n`)
  }

  event(type: string, fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#write(this.#isJson ? `${JSON.stringify({ type, ...fields })}\n` : `  ${text}\n`)
  }

  failure(text: string): void {
    this.#write(this.#isJson ? `${JSON.stringify({ type: 'failed', text })}\n` : `${text}\n`)
  }

  loaded(name: string, modules: readonly string[]): void {
    this.#name = name
    this.#modules = modules
  }

  banner({ url, took, database, companions }: Banner): void {
    const modules = this.#modules
    if (this.#isJson) {
      const event = {
        type: 'ready',
        application: this.#name,
        url,
        took,
        database,
        companions,
        modules,
      }
      return this.#write(`${JSON.stringify(event)}\n`)
    }
    const beside = companions.length === 0 ? '' : `, ${companions.join(', ')}`
    this.#write(`
  ${this.#name} is ready in ${took}   (Node ${process.versions.node})

  API        ${url}
  docs       ${url}/docs
  metrics    ${url}/metrics
  modules    ${modules.join(' ')}
  running    1 process, ${database}${beside}

  Ctrl-C stops everything. Changed files restart the application.

`)
  }
}
