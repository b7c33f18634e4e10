import { mailMessageInvalid, mailMessageTooLarge } from './errors.ts'
import { mailLimits } from './limits.ts'
import type { Mail, MailAddress, MailAttachment } from './port.ts'

const headerBytes = 16_384

/** Holds a mail against the bounds and against smuggled headers; engines call it first.
 *  @throws MAIL_MESSAGE_INVALID · MAIL_MESSAGE_TOO_LARGE
 *  Cost: no copy; counts what base64 will take. */
export function assertMail(mail: Mail): void {
  assertMessageId(mail.messageId)
  assertAddress('from', mail.from)
  if (mail.replyTo !== undefined) assertAddress('replyTo', mail.replyTo)
  assertCount('to', mail.to.length, [1, mailLimits.recipientsMax])
  for (const [index, recipient] of mail.to.entries()) assertAddress(`to[${index}]`, recipient)
  assertLine('subject', mail.subject, mailLimits.subjectLengthMax)
  const attachments = mail.attachments ?? []
  assertCount('attachments', attachments.length, [0, mailLimits.attachmentsMax])
  for (const [index, attachment] of attachments.entries()) {
    assertAttachment(`attachments[${index}]`, attachment)
  }
  assertDate(mail.date)
  const bytes = encodedBytes(mail)
  if (bytes > mailLimits.bytesMax) {
    throw mailMessageTooLarge({ bytes, bytesMax: mailLimits.bytesMax })
  }
}

function assertMessageId(messageId: string): void {
  assertLine('messageId', messageId, mailLimits.messageIdLengthMax)
  if (/^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+$/.test(messageId)) return
  throw invalid('messageId', 'is not of the form name@domain, of letters, digits, ".", "_" and "-"')
}

/** Requires ASCII and no quoting: quoted local parts are legal, unused, and a way to smuggle. */
const addressPattern =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/

function assertAddress(field: string, { address, name }: MailAddress): void {
  if (address.length > mailLimits.addressLengthMax || !addressPattern.test(address)) {
    throw invalid(field, 'is not a mail address')
  }
  if (name !== undefined) assertLine(`${field}.name`, name, mailLimits.nameLengthMax)
}

function assertAttachment(field: string, { fileName, contentType }: MailAttachment): void {
  assertLine(`${field}.fileName`, fileName, mailLimits.nameLengthMax)
  if (fileName === '' || /[/\\]/.test(fileName)) {
    throw invalid(`${field}.fileName`, 'is not the name of a file')
  }
  if (!/^[a-z0-9]+\/[a-z0-9.+-]+$/.test(contentType)) {
    throw invalid(`${field}.contentType`, 'is not of the form type/subtype')
  }
}

/** A line break in a header begins another header; other control characters have no place there either. */
function assertLine(field: string, value: string, lengthMax: number): void {
  if (value.length > lengthMax) throw invalid(field, `is longer than ${lengthMax} characters`)
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) throw invalid(field, 'contains a control character')
  if (!value.isWellFormed()) throw invalid(field, 'is not well-formed Unicode')
}

function assertCount(field: string, count: number, [min, max]: readonly [number, number]): void {
  if (count < min || count > max) throw invalid(field, `has ${count} entries, not ${min} to ${max}`)
}

function assertDate(date: Date | undefined): void {
  if (date !== undefined && Number.isNaN(date.getTime())) throw invalid('date', 'is no date')
}

function encodedBytes({ text, html = '', attachments = [] }: Mail): number {
  const texts = Buffer.byteLength(text) + Buffer.byteLength(html)
  const files = attachments.reduce((sum, { content }) => sum + content.byteLength, 0)
  // base64 in lines of 76 characters; texts may take it too
  return headerBytes + Math.ceil(((texts + files) * 4) / 3 / 76) * 78
}

function invalid(field: string, problem: string): Error {
  return mailMessageInvalid({ field, problem })
}
