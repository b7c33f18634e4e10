import { appendFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../kernel/index.ts'
import {
  digestOf,
  folderNameOf,
  listMailFolders,
  type MailRecord,
  recordFile,
  repetitionsFile,
  tryReadAge,
} from './captured-mail.ts'
import { assertMail } from './check-mail.ts'
import { mailOptionsInvalid, mailUnavailable } from './errors.ts'
import type { Mail, Mailer, MailReceipt } from './port.ts'

/** Old mails are dropped after so many new ones, not at each: counting them means to read the folder. */
const sendsPerSweep = 64
const draftPrefix = 'draft-'
const draftAgeMsMax = 600_000

export interface CapturedMailerOptions {
  /** Where the mails are kept, each in a folder of its own; made when the first one is sent. */
  readonly folder: string
  readonly clock: Clock
  /** 1..100,000 mails; the oldest beyond are dropped, every 64 sends. 1,000 unless given. */
  readonly keepMax?: number
}

/** Creates the mailer that sends nothing: it keeps mails where people and tests can look at them.
 *  It keeps one mail per Message-ID, also between processes that share the folder, and counts what is sent
 *  again; a mail that was dropped as too old is forgotten.
 *  @throws MAIL_OPTIONS_INVALID
 *  Durability: a mail is there whole or not at all, whenever the process dies; it may be lost with the
 *  machine. */
export function createCapturedMailer(options: CapturedMailerOptions): Mailer {
  const { keepMax = 1_000 } = options
  if (!Number.isInteger(keepMax) || keepMax < 1 || keepMax > 100_000) {
    const problem = `is ${keepMax}, not a whole number from 1 to 100,000`
    throw mailOptionsInvalid({ option: 'keepMax', problem })
  }
  return new CapturedMailer(options, keepMax)
}

class CapturedMailer implements Mailer {
  readonly #folder: string
  readonly #clock: Clock
  readonly #keepMax: number
  #sends = 0
  #isClosed = false

  constructor({ folder, clock }: CapturedMailerOptions, keepMax: number) {
    this.#folder = folder
    this.#clock = clock
    this.#keepMax = keepMax
  }

  async send(mail: Mail, { signal }: { readonly signal?: AbortSignal } = {}): Promise<MailReceipt> {
    assertMail(mail)
    signal?.throwIfAborted()
    if (this.#isClosed) throw mailUnavailable({ cause: 'the mailer is closed' })
    try {
      await this.#keep(mail)
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      throw mailUnavailable({ cause }, { cause: error })
    }
    return { accepted: mail.to.map(({ address }) => address), refused: [] }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #keep(mail: Mail): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const own = join(this.#folder, folderNameOf(mail.messageId))
    const digest = digestOf(mail)
    const draft = await mkdtemp(join(this.#folder, draftPrefix))
    try {
      await writeMail(draft, mail, { digest, sentAtMs: this.#clock.nowMs() })
      // a folder is renamed onto no folder that holds something: the first of several wins
      await rename(draft, own)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      if (!isOccupied(error)) throw error
      await appendFile(join(own, repetitionsFile), `${digest}\n`)
    }
    if (++this.#sends % sendsPerSweep === 0) {
      await this.#dropOldest()
      await this.#dropDrafts()
    }
  }

  async #dropOldest(): Promise<void> {
    const names = await listMailFolders(this.#folder)
    if (names.length <= this.#keepMax) return
    const ages = await Promise.all(
      names.map(async (name) => ({ name, sentMs: (await tryReadAge(this.#folder, name)) ?? 0 })),
    )
    ages.sort((left, right) => left.sentMs - right.sentMs)
    for (const { name } of ages.slice(0, names.length - this.#keepMax)) {
      await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }

  /** Of processes that died while they wrote. */
  async #dropDrafts(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!name.startsWith(draftPrefix)) continue
      const draft = join(this.#folder, name)
      const found = await stat(draft).catch(() => undefined)
      if (found === undefined || this.#clock.nowMs() - found.mtimeMs < draftAgeMsMax) continue
      await rm(draft, { recursive: true, force: true })
    }
  }
}

async function writeMail(
  folder: string,
  mail: Mail,
  about: Pick<MailRecord, 'digest' | 'sentAtMs'>,
): Promise<void> {
  const { messageId, from, to, replyTo, subject, text, html, attachments = [] } = mail
  const files = attachments.map(({ fileName, contentType, content }, index) => ({
    ...{ fileName, contentType, bytes: content.byteLength },
    file: `attachment-${index + 1}`,
  }))
  for (const [index, { content }] of attachments.entries()) {
    await writeFile(join(folder, `attachment-${index + 1}`), content, { mode: 0o600 })
  }
  const record: MailRecord = {
    ...{ messageId, ...about, from, to, replyTo, subject, text, html, attachments: files },
  }
  const content = `${JSON.stringify(record, undefined, 2)}\n`
  await writeFile(join(folder, recordFile), content, { mode: 0o600 })
}

function isOccupied(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Windows says EPERM
  return ['ENOTEMPTY', 'EEXIST', ...(process.platform === 'win32' ? ['EPERM'] : [])].includes(
    String(code),
  )
}
