/** A person or a mailbox. */
export interface MailAddress {
  /** `jane@example.org`: ASCII; a domain of other letters in its `xn--` form. */
  readonly address: string
  /** Shown instead of the address; any letters. */
  readonly name?: string
}

/** A file that a mail carries. */
export interface MailAttachment {
  readonly fileName: string
  /** `application/pdf` */
  readonly contentType: string
  readonly content: Uint8Array
}

/** One mail. */
export interface Mail {
  /** `order-confirmation.018f…@shop.example`, without angle brackets: the effect's identity. Two sends under
   *  one Message-ID are one mail; what is sent with it should then be the same. */
  readonly messageId: string
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
  readonly replyTo?: MailAddress
  readonly subject: string
  readonly text: string
  /** The same as `text`, for readers that show HTML. What is put into it must be escaped by the caller. */
  readonly html?: string
  readonly attachments?: readonly MailAttachment[]
  /** Of the Date header; the time of sending unless given. Give it to make attempts equal, byte by byte. */
  readonly date?: Date
}

/** What an engine took. */
export interface MailReceipt {
  /** The addresses it took responsibility for, at least one. */
  readonly accepted: readonly string[]
  /** Those it did not take while it took others: send to them alone, under a Message-ID of their own. */
  readonly refused: readonly RefusedRecipient[]
}

export interface RefusedRecipient {
  readonly address: string
  /** What the server answered. */
  readonly answer: string
  /** It will answer the same again. */
  readonly isFinal: boolean
}

/** `ctx.mail` of work on a message: a mail takes as long as a mail server likes, so it is never sent from a
 *  request. Record what was sent in a transaction afterwards; a crash between the two repeats the mail
 *  under its Message-ID, by which servers and readers may know it. */
export interface MailSender {
  /** Hands one mail over, within the context's deadline.
   *  @throws MAIL_MESSAGE_INVALID · MAIL_MESSAGE_TOO_LARGE (25 MiB) · MAIL_REFUSED (never again) ·
   *    MAIL_UNAVAILABLE (nothing was sent) · MAIL_OUTCOME_UNKNOWN (send again under the same Message-ID) ·
   *    MODULE_GRANT_MISSING */
  send(mail: Mail): Promise<MailReceipt>
}
