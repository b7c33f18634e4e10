import { readCaptured } from '../../../mail/index.ts'
import { mailText } from '../../mail/mail-text.ts'
import { print } from '../../terminal.ts'
import { mailFolderOf } from './list.ts'

export interface MailShowFlags {
  readonly html?: boolean
  readonly json?: boolean
}

/** `banyan mail show`: one captured mail. */
export async function show(
  { html, json }: MailShowFlags,
  id: string,
  folder: string,
): Promise<void> {
  const mail = await readCaptured(mailFolderOf(folder), id)
  if (json === true) print(JSON.stringify({ schema: 'banyan.mail.show/1', ...mail }))
  else print(html === true ? (mail.html ?? '') : mailText(mail))
}
