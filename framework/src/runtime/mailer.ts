import path from 'node:path'
import type { World } from '../kernel/index.ts'
import { createCapturedMailer, type Mailer } from '../mail/index.ts'
import type { Settings } from './settings.ts'

/** Hands mail to the server that the settings name, or keeps it in the folder `mail` of the local state.
 *  Nothing is connected or written before the first mail.
 *  @throws SMTP_URL_INVALID */
export async function createMailer(
  { mailUrl, folder }: Pick<Settings, 'mailUrl' | 'folder'>,
  { clock }: World,
): Promise<Mailer> {
  if (mailUrl === undefined) {
    return createCapturedMailer({ folder: path.resolve(folder, 'mail'), clock })
  }
  // its client costs time to load, and development does not need it
  const { createSmtpMailer } = await import('../engines/smtp/index.ts')
  return createSmtpMailer({ url: mailUrl, clock })
}
