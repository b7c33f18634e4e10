import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Mail, MailReceipt } from '../../mail/index.ts'
import { describe, isFinal, type SmtpProblem } from './smtp-failure.ts'
import type { SmtpServer } from './smtp-url.ts'

export interface SessionOptions {
  readonly server: SmtpServer
  readonly connectMs: number
  readonly answerMs: number
  /** Certificates of authorities to trust instead of the machine's, PEM. */
  readonly ca: string | undefined
}

const chunkBytes = 65_536

/** One connection to the server: connect, log in, send mail after mail.
 *  Invariant: after any failure it is closed, and `isOpen` says so. */
export class SmtpSession {
  readonly #connection: SMTPConnection
  #isOpen = true
  /** Mails that were handed over. */
  sends = 0
  /** Whether the mail under way was sent up to its last byte. */
  isSent = false
  onEnd: () => void = () => undefined

  private constructor(connection: SMTPConnection) {
    this.#connection = connection
    // a failure reaches whoever waits; nobody waits on an idle connection that the server ends
    connection.on('error', () => this.close())
    connection.once('end', () => this.close())
  }

  /** Connects, encrypts and logs in. @throws what nodemailer says, an `SmtpProblem` */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<SmtpSession> {
    signal.throwIfAborted()
    const { login } = options.server
    const connection = new SMTPConnection(connectionOptions(options))
    const session = new SmtpSession(connection)
    await session.#during<void>(signal, (done) => connection.connect(done))
    if (login !== undefined) await session.#logIn(login, signal)
    return session
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Sends one mail. @throws what nodemailer says, or the reason of `signal`; see `isSent` then */
  async send(mail: Mail, content: Buffer, signal: AbortSignal): Promise<MailReceipt> {
    this.isSent = false
    const envelope = {
      from: mail.from.address,
      to: mail.to.map(({ address }) => address),
      size: content.byteLength,
    }
    const source = Readable.from(chunksOf(content))
    source.once('end', () => {
      this.isSent = true
    })
    const info = await this.#during<SendInfo>(signal, (done) =>
      this.#connection.send(envelope, source, (error, result) => done(error, result)),
    )
    this.sends++
    const refused = info?.rejectedErrors ?? []
    return {
      accepted: info?.accepted ?? [],
      refused: refused.map((problem) => ({
        address: problem.recipient ?? '',
        answer: describe(problem),
        isFinal: isFinal(problem),
      })),
    }
  }

  /** Says good-bye and closes. */
  quit(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#connection.quit()
    this.#connection.close()
  }

  /** Drops the connection, whatever is under way. Idempotent. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#connection.close()
    this.onEnd()
  }

  async #logIn(login: NonNullable<SmtpServer['login']>, signal: AbortSignal): Promise<void> {
    const credentials = { user: login.user, pass: login.password }
    await this.#during<boolean>(signal, (done) => this.#connection.login({ credentials }, done))
  }

  /** Does one thing, or fails with the connection; closing forgets what is under way, so whoever waits is
   *  told here. */
  async #during<Result>(
    signal: AbortSignal,
    begin: (done: Done<Result>) => void,
  ): Promise<Result | undefined> {
    const outcome = Promise.withResolvers<Result | undefined>()
    const abandon = (): void => outcome.reject(signal.reason as Error)
    // a turn later: an answer that ends the session is told right after it
    const ended = (): void =>
      void setImmediate(() => outcome.reject(new Error('the server closed the connection')))
    signal.addEventListener('abort', abandon, { once: true })
    this.#connection.once('error', outcome.reject).once('end', ended)
    try {
      begin((error, result) => {
        if (error === undefined || error === null) outcome.resolve(result)
        else outcome.reject(error)
      })
      return await outcome.promise
    } catch (error) {
      this.close()
      throw error
    } finally {
      signal.removeEventListener('abort', abandon)
      this.#connection.off('error', outcome.reject).off('end', ended)
    }
  }
}

type Done<Result> = (error?: Error | null, result?: Result) => void

/** What nodemailer tells of a mail that was taken. */
interface SendInfo {
  readonly accepted: readonly string[]
  readonly rejectedErrors?: readonly SmtpProblem[] | undefined
}

function connectionOptions(
  options: SessionOptions,
): NonNullable<ConstructorParameters<typeof SMTPConnection>[0]> {
  const { server, connectMs, answerMs, ca } = options
  return {
    ...{ host: server.host, port: server.port, logger: false },
    secure: server.encryption === 'implicit',
    requireTLS: server.encryption === 'starttls',
    ignoreTLS: server.encryption === 'none',
    ...{ connectionTimeout: connectMs, dnsTimeout: connectMs, greetingTimeout: connectMs },
    ...{ socketTimeout: answerMs, socketCloseTimeout: 1_000, maxResponseSize: 65_536 },
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
  }
}

function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let from = 0; from < content.byteLength; from += chunkBytes) {
    yield content.subarray(from, from + chunkBytes)
  }
}
