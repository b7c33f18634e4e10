import { SMTPServer } from 'smtp-server'
import { createSystemClock } from 'banyan/kernel'

const clock = createSystemClock()

/** A mail server that counts what it takes, and may be slow or away. */
export class MailSink implements AsyncDisposable {
  /** Message-ID → how often it was taken. */
  readonly taken: Map<string, number> = new Map()
  readonly port: number
  delayMs = 0
  #server: SMTPServer

  private constructor(port: number, server: SMTPServer) {
    this.port = port
    this.#server = server
  }

  static async start(): Promise<MailSink> {
    const taken: { sink?: MailSink } = {}
    const server = createServer(() => taken.sink)
    const port = await listen(server, 0)
    const sink = new MailSink(port, server)
    taken.sink = sink
    return sink
  }

  /** Nobody answers at its port until `comeBack`. */
  async goAway(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  async comeBack(): Promise<void> {
    this.#server = createServer(() => this)
    await listen(this.#server, this.port)
  }

  /** @param content  of one mail */
  take(content: string): void {
    const id = /^message-id:\s*<?([^>\s]+)/im.exec(content)?.[1] ?? 'without an id'
    this.taken.set(id, (this.taken.get(id) ?? 0) + 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway()
  }
}

function createServer(sinkOf: () => MailSink | undefined): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        const sink = sinkOf()
        clock.after(sink?.delayMs ?? 0, () => {
          sink?.take(Buffer.concat(chunks).toString('latin1'))
          done()
        })
      })
    },
  })
  server.on('error', () => {})
  return server
}

function listen(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    const listening = server.listen(port, '127.0.0.1', () => {
      const address = listening.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
