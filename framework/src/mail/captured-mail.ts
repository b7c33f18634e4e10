import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mailCapturedUnknown } from './errors.ts'
import type { Mail, MailAddress } from './port.ts'

/** A mail that the captured mailer keeps. */
export interface CapturedMail {
  /** Its folder's name, and what `readCaptured` asks for. */
  readonly id: string
  readonly messageId: string
  /** When it was sent first, by the sender's clock. */
  readonly sentAtMs: number
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
  readonly replyTo: MailAddress | undefined
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
  readonly attachments: readonly CapturedAttachment[]
  /** How often it was sent again under the same Message-ID. */
  readonly repetitions: number
  /** Those of the repetitions whose content was another. */
  readonly differing: number
}

export interface CapturedAttachment {
  readonly fileName: string
  readonly contentType: string
  readonly bytes: number
  /** Where its content lies. */
  readonly path: string
}

/** What `mail.json` holds; the rest of a captured mail follows from where it lies. */
export type MailRecord = Omit<CapturedMail, 'id' | 'repetitions' | 'differing' | 'attachments'> & {
  readonly digest: string
  readonly attachments: readonly (Omit<CapturedAttachment, 'path'> & { readonly file: string })[]
}

export const recordFile = 'mail.json'
/** One line per repetition: the digest of what was sent. */
export const repetitionsFile = 'repetitions'

/** The folder of a mail: one per Message-ID, and a name that any file system takes. */
export function folderNameOf(messageId: string): string {
  return createHash('sha256').update(messageId).digest('hex').slice(0, 32)
}

/** Of all that a reader gets, so that equal attempts have equal digests. */
export function digestOf(mail: Mail): string {
  const hash = createHash('sha256')
  const { attachments = [], ...rest } = mail
  hash.update(
    JSON.stringify([rest.from, rest.to, rest.replyTo, rest.subject, rest.text, rest.html]),
  )
  for (const { fileName, contentType, content } of attachments) {
    hash.update(JSON.stringify([fileName, contentType, content.byteLength]))
    hash.update(content)
  }
  return hash.digest('hex')
}

/** The mails that are kept in a folder, newest first; none when the folder is not there.
 *  @param limit  1..100,000 mails
 *  Cost: reads one small file per kept mail. */
export async function listCaptured(
  folder: string,
  { limit = 100 }: { readonly limit?: number } = {},
): Promise<CapturedMail[]> {
  const mails: CapturedMail[] = []
  for (const name of await listMailFolders(folder)) {
    const mail = await tryReadMail(folder, name)
    if (mail !== undefined) mails.push(mail)
  }
  return mails.sort((left, right) => right.sentAtMs - left.sentAtMs).slice(0, limit)
}

/** One captured mail.
 *  @param id  of `listCaptured`, or a Message-ID
 *  @throws MAIL_CAPTURED_UNKNOWN */
export async function readCaptured(folder: string, id: string): Promise<CapturedMail> {
  const name = /^[0-9a-f]{32}$/.test(id) ? id : folderNameOf(id)
  const mail = await tryReadMail(folder, name)
  if (mail === undefined) throw mailCapturedUnknown({ id, folder })
  return mail
}

/** The names of the folders that hold one mail each, complete ones only. */
export async function listMailFolders(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(noneIfAbsent<string[]>([]))
  return names.filter((name) => /^[0-9a-f]{32}$/.test(name))
}

/** When a mail was put into its folder; undefined when it was dropped meanwhile. */
export async function tryReadAge(folder: string, name: string): Promise<number | undefined> {
  const found = await stat(join(folder, name, recordFile)).catch(noneIfAbsent(undefined))
  return found?.mtimeMs
}

async function tryReadMail(folder: string, name: string): Promise<CapturedMail | undefined> {
  const own = join(folder, name)
  const text = await readFile(join(own, recordFile), 'utf8').catch(noneIfAbsent(undefined))
  if (text === undefined) return undefined
  const repeated = await readFile(join(own, repetitionsFile), 'utf8').catch(noneIfAbsent(''))
  const { digest, attachments, ...rest } = JSON.parse(text) as MailRecord
  const digests = repeated.split('\n').filter((line) => line !== '')
  return {
    ...{ ...rest, replyTo: rest.replyTo, html: rest.html },
    id: name,
    attachments: attachments.map(({ file, ...about }) => ({ ...about, path: join(own, file) })),
    repetitions: digests.length,
    differing: digests.filter((other) => other !== digest).length,
  }
}

function noneIfAbsent<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value
    throw error
  }
}
