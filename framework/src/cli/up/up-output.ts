import type { SupervisorEvent } from '../../cluster/index.ts'
import { formatLine, tryParseLine } from '../dev/line-format.ts'
import { eventText, servingText } from './event-text.ts'

export interface UpOutputOptions {
  readonly isJson: boolean
  /** Whether lines of the processes are shown, and not only what happens to them. */
  readonly hasLines: boolean
  readonly write: (text: string) => void
  /** For people: since when it was being started. */
  readonly took: () => string
}

/** What `banyan up` and those who look on print: one stream of what happens and of what all processes
 *  write, each line with its writer in front; or one JSON object per line: events have a `type`, lines
 *  of the log have an `instance`. */
export class UpOutput {
  readonly #options: UpOutputOptions
  /** Of the longest writer so far. */
  #width = 12

  constructor(options: UpOutputOptions) {
    this.#options = options
  }

  tell(event: SupervisorEvent): void {
    if (event.type === 'line') return this.#line(event.id, event.line)
    const { isJson, hasLines, write, took } = this.#options
    if (isJson) return write(`${JSON.stringify(event)}\n`)
    if (event.type === 'serving') return hasLines ? write(servingText(event, took())) : undefined
    const text = eventText(event)
    if (text !== undefined) write(`  ${text}\n`)
  }

  #line(instance: string, line: string): void {
    const { isJson, hasLines, write } = this.#options
    if (!hasLines) return
    const entry = tryParseLine(line)
    if (isJson)
      return write(
        `${JSON.stringify(entry === undefined ? { instance, line } : { ...entry, instance })}\n`,
      )
    // The event says where it listens.
    if (entry?.['msg'] === 'listening') return
    this.#width = Math.max(this.#width, instance.length)
    const writer = instance.padEnd(this.#width)
    const shown = formatLine(line).split('\n')
    write(shown.map((part) => `${writer} │ ${part}\n`).join(''))
  }
}
