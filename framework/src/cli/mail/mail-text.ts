import type { CapturedMail } from '../../mail/index.ts'
import { printable } from '../printable.ts'
import { textTable } from '../text-table.ts'

type Address = CapturedMail['from']

const head: readonly string[] = ['ID', 'SENT', 'TO', 'SUBJECT', 'FILES', 'AGAIN']

/** Captured mails as a table, newest first. */
export function mailListText(mails: readonly CapturedMail[]): string {
  if (mails.length === 0) return 'no mail was captured'
  return textTable([head, ...mails.map(cellsOf)]).join('\n')
}

function cellsOf(mail: CapturedMail): readonly string[] {
  const { id, sentAtMs, to, subject, attachments, repetitions } = mail
  return [
    id,
    momentOf(sentAtMs),
    printable(to.map(addressText).join(', ')),
    printable(subject),
    String(attachments.length),
    String(repetitions),
  ]
}

/** One captured mail: head, text, where its parts lie. */
export function mailText(mail: CapturedMail): string {
  const { messageId, from, to, replyTo, subject, sentAtMs, text, html, attachments } = mail
  const { repetitions, differing } = mail
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['message-id', messageId],
    ['sent', momentOf(sentAtMs)],
    ['from', addressText(from)],
    ['to', to.map(addressText).join(', ')],
    ['reply-to', replyTo === undefined ? undefined : addressText(replyTo)],
    ['subject', subject],
    [
      'again',
      repetitions === 0 ? undefined : `${repetitions} times, ${differing} with other content`,
    ],
    ['html', html === undefined ? undefined : `${Buffer.byteLength(html)} bytes; --html prints it`],
  ]
  return [
    ...facts.flatMap(([name, value]) =>
      value === undefined ? [] : [`${name.padEnd(10)}  ${printable(value)}`],
    ),
    ...attachments.map(({ fileName, contentType, bytes, path }) => {
      return printable(`file        ${fileName}, ${contentType}, ${bytes} bytes: ${path}`)
    }),
    '',
    ...text.split(/\r?\n/).map(printable),
  ].join('\n')
}

function addressText({ name, address }: Address): string {
  return name === undefined ? address : `${name} <${address}>`
}

function momentOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
