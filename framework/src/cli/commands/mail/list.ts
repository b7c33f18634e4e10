import path from 'node:path'
import { listCaptured } from '../../../mail/index.ts'
import { cliFlagInvalid } from '../../errors.ts'
import { mailListText } from '../../mail/mail-text.ts'
import { settingsOf } from '../../project-settings.ts'
import { print } from '../../terminal.ts'

export interface MailListFlags {
  readonly count?: number
  readonly json?: boolean
}

const countMax = 100_000

/** Where an application's folder keeps the mail that was not sent to a server. */
export function mailFolderOf(folder: string): string {
  return path.join(settingsOf(path.resolve(folder)).folder, 'mail')
}

/** `banyan mail list`: mails that were captured instead of sent, newest first. */
export async function list({ count, json }: MailListFlags, folder: string): Promise<void> {
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= countMax)) {
    const wanted = 'Give 1 to 100,000.'
    throw cliFlagInvalid({ flag: '--count', cause: `it is ${count}`, wanted })
  }
  const mails = await listCaptured(mailFolderOf(folder), { limit: count ?? 50 })
  if (json === true) print(JSON.stringify({ schema: 'banyan.mail/1', mails }))
  else print(mailListText(mails))
}
