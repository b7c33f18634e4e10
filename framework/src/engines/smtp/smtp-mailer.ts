import type { Clock, Timer } from '../../kernel/index.ts'
import {
  assertMail,
  type Mail,
  type Mailer,
  type MailReceipt,
  mailOptionsInvalid,
  mailUnavailable,
} from '../../mail/index.ts'
import { composeMail } from './compose.ts'
import { Slots } from './slots.ts'
import { type Attempt, failureOf, isStale, type SmtpProblem } from './smtp-failure.ts'
import { type SessionOptions, SmtpSession } from './smtp-session.ts'
import { parseSmtpUrl } from './smtp-url.ts'

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:587` or `smtps://…`; see `parseSmtpUrl`. */
  readonly url: string
  readonly clock: Clock
  /** 1..64 connections at once; 4 unless given. */
  readonly connectionsMax?: number
  /** 0..100,000 mails that may wait for one of them; 1,000 unless given. */
  readonly waitingMax?: number
  /** 1..600,000 ms to connect, encrypt and be greeted; 10,000 unless given. */
  readonly connectMs?: number
  /** 1..600,000 ms of silence of the server, after which the connection is given up; 30,000 unless given.
   *  A server may take long over the end of a mail: RFC 5321 asks clients for ten minutes there. */
  readonly answerMs?: number
  /** 1..600,000 ms for one mail, the wait for a connection included; 60,000 unless given. */
  readonly sendMs?: number
  /** 1..600,000 ms that a connection is kept without work; 20,000 unless given. */
  readonly idleMs?: number
  /** 1..10,000 mails, after which a connection is renewed; 100 unless given. */
  readonly mailsPerConnectionMax?: number
  /** Certificates of authorities to trust instead of the machine's, PEM. */
  readonly ca?: string
}

const defaults = {
  connectionsMax: 4,
  waitingMax: 1_000,
  connectMs: 10_000,
  answerMs: 30_000,
  sendMs: 60_000,
  idleMs: 20_000,
  mailsPerConnectionMax: 100,
} as const

const ranges = {
  connectionsMax: [1, 64],
  waitingMax: [0, 100_000],
  connectMs: [1, 600_000],
  answerMs: [1, 600_000],
  sendMs: [1, 600_000],
  idleMs: [1, 600_000],
  mailsPerConnectionMax: [1, 10_000],
} as const

type Limits = Record<keyof typeof ranges, number>

/** Creates the mailer; it connects when the first mail is sent.
 *  @throws SMTP_URL_INVALID · MAIL_OPTIONS_INVALID */
export function createSmtpMailer(options: SmtpMailerOptions): Mailer {
  return new SmtpMailer(options, readLimits(options))
}

function readLimits(options: SmtpMailerOptions): Limits {
  const limits: Limits = { ...defaults }
  for (const name of Object.keys(ranges) as (keyof typeof ranges)[]) {
    const value = options[name] ?? defaults[name]
    const [min, max] = ranges[name]
    if (!Number.isInteger(value) || value < min || value > max) {
      const problem = `is ${value}, not a whole number from ${min} to ${max}`
      throw mailOptionsInvalid({ option: name, problem })
    }
    limits[name] = value
  }
  return limits
}

/** A connection that waits for the next mail. */
interface Idle {
  readonly session: SmtpSession
  readonly timer: Timer
}

class SmtpMailer implements Mailer {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #session: SessionOptions
  readonly #slots: Slots
  readonly #idle: Idle[] = []
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(options: SmtpMailerOptions, limits: Limits) {
    this.#limits = limits
    this.#clock = options.clock
    const { connectMs, answerMs } = limits
    this.#session = { server: parseSmtpUrl(options.url), connectMs, answerMs, ca: options.ca }
    this.#slots = new Slots(limits.connectionsMax, limits.waitingMax)
  }

  async send(mail: Mail, { signal }: { readonly signal?: AbortSignal } = {}): Promise<MailReceipt> {
    assertMail(mail)
    signal?.throwIfAborted()
    if (this.#isClosed) throw mailUnavailable({ cause: 'the mailer is closed' })
    const sending = this.#sendInTime(mail, signal)
    this.#underWay.add(sending)
    try {
      return await sending
    } finally {
      this.#underWay.delete(sending)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#underWay)
    for (const { session, timer } of this.#idle.splice(0)) {
      timer.stop()
      session.quit()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #sendInTime(mail: Mail, signal: AbortSignal | undefined): Promise<MailReceipt> {
    const { sendMs } = this.#limits
    const late = new AbortController()
    const timer = this.#clock.after(sendMs, () => {
      late.abort(mailUnavailable({ cause: `it took longer than ${sendMs} ms` }))
    })
    try {
      const content = await composeMail(mail, new Date(this.#clock.nowMs()))
      const either = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal])
      return await this.#sendInTurn(mail, content, either)
    } finally {
      timer.stop()
    }
  }

  async #sendInTurn(mail: Mail, content: Buffer, signal: AbortSignal): Promise<MailReceipt> {
    await this.#slots.take(signal)
    try {
      const kept = this.#takeIdle()
      if (kept !== undefined) {
        const receipt = await this.#sendOverKept(kept, mail, content, signal)
        if (receipt !== undefined) return receipt
      }
      return await this.#sendOver(await this.#open(mail, signal), mail, content, signal)
    } finally {
      this.#slots.give()
    }
  }

  /** Undefined when the connection had been dead before: the server ends idle ones when it likes. */
  async #sendOverKept(
    session: SmtpSession,
    mail: Mail,
    content: Buffer,
    signal: AbortSignal,
  ): Promise<MailReceipt | undefined> {
    try {
      return await this.#sendOver(session, mail, content, signal)
    } catch (error) {
      const isUntouched = !session.isSent && !signal.aborted
      if (isUntouched && error instanceof Error && isStale(error)) return undefined
      throw error
    }
  }

  async #open(mail: Mail, signal: AbortSignal): Promise<SmtpSession> {
    try {
      return await SmtpSession.open(this.#session, signal)
    } catch (error) {
      throw this.#failure(error, signal, { messageId: mail.messageId, isSent: false })
    }
  }

  async #sendOver(
    session: SmtpSession,
    mail: Mail,
    content: Buffer,
    signal: AbortSignal,
  ): Promise<MailReceipt> {
    try {
      const receipt = await session.send(mail, content, signal)
      this.#keep(session)
      return receipt
    } catch (error) {
      session.close()
      const attempt = { messageId: mail.messageId, isSent: session.isSent }
      throw this.#failure(error, signal, attempt)
    }
  }

  /** Whoever gave up gets the reason back, unless the server may have the mail. */
  #failure(error: unknown, signal: AbortSignal, attempt: Attempt): unknown {
    if (signal.aborted && error === signal.reason && !attempt.isSent) return error
    return failureOf(error as SmtpProblem, attempt)
  }

  #keep(session: SmtpSession): void {
    const { idleMs, mailsPerConnectionMax } = this.#limits
    if (this.#isClosed || !session.isOpen || session.sends >= mailsPerConnectionMax) {
      session.quit()
      return
    }
    const timer = this.#clock.after(idleMs, () => this.#drop(session), { background: true })
    this.#idle.push({ session, timer })
    session.onEnd = () => this.#drop(session)
  }

  #takeIdle(): SmtpSession | undefined {
    const idle = this.#idle.pop()
    idle?.timer.stop()
    return idle?.session
  }

  #drop(session: SmtpSession): void {
    const index = this.#idle.findIndex((idle) => idle.session === session)
    if (index !== -1) this.#idle.splice(index, 1)[0]?.timer.stop()
    session.quit()
  }
}
