/**
 * SMTP: hands mail to a mail server (RFC 5321) over a few connections that are kept open. What the server
 * refuses for good, what may be tried again and what may have happened are different errors. Not a mail
 * server: it asks the one that BANYAN_MAIL_URL names, which queues and delivers.
 * Promises: nothing is sent unencrypted unless the server is on this machine or the URL says `tls=none`;
 * every wait has a deadline.
 * Limits: one server; AUTH with a user and a password; no SMTPUTF8, no DKIM (the server signs).
 */
export { createSmtpMailer, type SmtpMailerOptions } from './smtp-mailer.ts'
export { parseSmtpUrl, type SmtpServer } from './smtp-url.ts'
export * from './errors.ts'
