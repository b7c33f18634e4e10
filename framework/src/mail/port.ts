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

/** The port of mail engines. */
export interface Mailer extends AsyncDisposable {
  /** Hands one mail over.
   *  @param options.signal  Gives up; what was sent by then decides between its reason and
   *    MAIL_OUTCOME_UNKNOWN.
   *  @throws MAIL_MESSAGE_INVALID · MAIL_MESSAGE_TOO_LARGE · MAIL_REFUSED (never again) · MAIL_UNAVAILABLE
   *    (retry: later; nothing was sent) · MAIL_OUTCOME_UNKNOWN (retry: same Message-ID) · the reason of
   *    `signal`
   *  Concurrency: any number of callers; engines bound how many they serve at once. */
  send(mail: Mail, options?: { readonly signal?: AbortSignal }): Promise<MailReceipt>
  /** Takes no more mail, and lets what is under way end within the engine's deadlines. Idempotent. */
  close(): Promise<void>
}
