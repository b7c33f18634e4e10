import type { Socket } from 'node:net'

/** Longest line either end takes: the plan of the largest system has a tenth of it. */
export const lineCharsMax: number = 4 * 1024 * 1024

/** What a channel tells its owner. */
export interface LineEvents {
  /** A complete line, without its end. */
  readonly line: (line: string) => void
  /** Once, when nothing comes any more; why, for people. */
  readonly closed: (cause: string) => void
}

/** Lines over a socket, both ways. What is too long or never ends closes it. */
export class LineChannel {
  /** Fulfils when nothing comes any more. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #events: LineEvents
  #rest = ''
  #cause = 'the connection ended'
  #isClosed = false

  constructor(socket: Socket, events: LineEvents) {
    this.#socket = socket
    this.#events = events
    socket.setEncoding('utf8')
    socket.on('data', (text) => this.#hear(String(text)))
    socket.on('error', (error) => {
      this.#cause = error.message
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#close()
        resolve()
      })
    })
    // Half a conversation is none: whoever ends its half has gone.
    socket.once('end', () => socket.destroy())
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Bytes that the other end has not taken yet. */
  get backlogBytes(): number {
    return this.#socket.writableLength
  }

  /** Sends a line; false when nobody is there any more. */
  send(line: string): boolean {
    if (this.#isClosed || !this.#socket.writable) return false
    this.#socket.write(`${line}\n`)
    return true
  }

  /** Sends what was said and hangs up. Idempotent. */
  end(): void {
    this.#socket.end()
  }

  /** Hangs up now. Idempotent. */
  destroy(cause: string): void {
    this.#cause = cause
    this.#socket.destroy()
  }

  #hear(text: string): void {
    this.#rest += text
    let start = 0
    for (
      let end = this.#rest.indexOf('\n');
      end !== -1 && !this.#socket.destroyed;
      end = this.#rest.indexOf('\n', start)
    ) {
      this.#events.line(this.#rest.slice(start, end))
      start = end + 1
    }
    this.#rest = this.#rest.slice(start)
    if (this.#rest.length > lineCharsMax) this.destroy('a line without an end')
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#rest = ''
    this.#events.closed(this.#cause)
  }
}
