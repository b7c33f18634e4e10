import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { FakeClock } from '../../kernel/index.ts'
import type { Mailer } from '../../mail/index.ts'
import { createSmtpMailer, type SmtpMailerOptions } from './index.ts'

/** A mail that the server of a test took. */
export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  readonly content: string
}

/** How the server behaves; changed while it runs. */
export interface Behaviour {
  /** Answers to the sender, to recipients by address, and to the whole mail: 451, 550, … */
  sender?: number
  recipients?: Readonly<Record<string, number>>
  content?: number
  /** Held back before the answer to the whole mail, until this is resolved. */
  hold?: Promise<void>
  /** Ends the connection when the mail begins, or when all of it was received (and taken). */
  cut?: 'first bytes' | 'last byte'
}

/** A real SMTP server in this process, on loopback, that keeps what it takes. */
export class MailServer {
  readonly taken: TakenMail[] = []
  behaviour: Behaviour = {}
  /** All connections that were ever made. */
  connections = 0
  /** Resolves when a mail was received whole, before it is answered. */
  received: PromiseWithResolvers<void> = Promise.withResolvers<void>()
  readonly #sockets = new Set<Socket>()
  readonly #server: SMTPServer

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      ...{ logger: false, authOptional: true, disableReverseLookup: true, closeTimeout: 100 },
      ...(options.key === undefined && { disabledCommands: ['STARTTLS'], allowInsecureAuth: true }),
      ...options,
      onMailFrom: (_address, _session, done) => done(answerOf(this.behaviour.sender)),
      onRcptTo: ({ address }, _session, done) => {
        done(answerOf(this.behaviour.recipients?.[address]))
      },
      onData: (stream, { envelope }, done) => {
        const { cut, content: code, hold = Promise.resolve() } = this.behaviour
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          if (cut === 'first bytes') this.cut()
        })
        stream.on('end', () => {
          if (cut === 'first bytes') return
          const content = Buffer.concat(chunks).toString()
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
          const to = envelope.rcptTo.map(({ address }) => address)
          if (code === undefined) this.taken.push({ from, to, content })
          this.received.resolve()
          if (cut === 'last byte') this.cut()
          void this.#answer(hold, () => done(answerOf(code)))
        })
      },
    })
    this.#server.on('error', () => undefined)
    this.#server.server.on('connection', (socket: Socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** @param port  0 picks a free one. */
  static async start(
    t: TestContext,
    options: SMTPServerOptions = {},
    port: number = 0,
  ): Promise<MailServer> {
    const server = new MailServer(options)
    await new Promise<void>((resolve) => {
      server.#server.listen(port, '127.0.0.1', resolve)
    })
    t.after(() => server.stop())
    return server
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`
  }

  async #answer(hold: Promise<void>, answer: () => void): Promise<void> {
    await hold
    answer()
  }

  /** Ends every connection without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  stop(): Promise<void> {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

/** A mailer that is closed with its test. */
export function mailerOf(t: TestContext, options: Partial<SmtpMailerOptions> = {}): Mailer {
  const mailer = createSmtpMailer({ url: 'smtp://127.0.0.1:1', clock: new FakeClock(), ...options })
  t.after(() => mailer.close())
  return mailer
}

function answerOf(code: number | undefined): (Error & { responseCode: number }) | null {
  if (code === undefined) return null
  return Object.assign(new Error(`said ${code}`), { responseCode: code })
}
