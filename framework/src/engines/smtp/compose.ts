import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mail, MailAddress } from '../../mail/index.ts'

/** A mail as its server gets it (MIME). The same mail with the same date gives the same bytes. */
export function composeMail(mail: Mail, now: Date): Promise<Buffer> {
  const { messageId, from, to, replyTo, subject, text, html, attachments = [], date } = mail
  const composer = new MailComposer({
    messageId: `<${messageId}>`,
    from: boxOf(from),
    to: to.map(boxOf),
    ...(replyTo !== undefined && { replyTo: boxOf(replyTo) }),
    ...{ subject, text, ...(html !== undefined && { html }) },
    attachments: attachments.map(({ fileName, contentType, content }) => ({
      filename: fileName,
      contentType,
      content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    })),
    date: date ?? now,
    // of the identity, for a random one would make each attempt another text
    baseBoundary: createHash('sha256').update(messageId).digest('hex').slice(0, 32),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

function boxOf({ address, name = '' }: MailAddress): { address: string; name: string } {
  return { address, name }
}
