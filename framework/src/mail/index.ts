/**
 * Mail: the port through which modules send mail, and its embedded default, which keeps what is sent in a
 * folder where it can be looked at. A mail is known by its Message-ID, which the caller chooses: the same
 * text for every attempt of one effect. Engines refuse what could smuggle in a header, and tell apart
 * what may be tried again, what never will be taken, and what may have been sent.
 * Not a newsletter system: one mail, few recipients. Call it from a job, never from a request: a mail
 * server answers when it likes.
 * Promises: `send` returns when the engine has taken responsibility for the mail. At least once: after an
 * unknown outcome the same Message-ID is sent again, and a server may deliver it twice; the captured
 * mailer keeps one mail per Message-ID and counts the repetitions.
 * Limits: 25 MiB as encoded, 50 recipients, 20 attachments; addresses are ASCII (no SMTPUTF8).
 */
export { assertMail } from './check-mail.ts'
export { type CapturedMailerOptions, createCapturedMailer } from './captured-mailer.ts'
export {
  type CapturedAttachment,
  type CapturedMail,
  listCaptured,
  readCaptured,
} from './captured-mail.ts'
export { mailLimits } from './limits.ts'
export type {
  Mail,
  MailAddress,
  MailAttachment,
  Mailer,
  MailReceipt,
  RefusedRecipient,
} from './port.ts'
export * from './errors.ts'
