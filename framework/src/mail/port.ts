import type { Mail, MailReceipt } from '../module/index.ts'

export type {
  Mail,
  MailAddress,
  MailAttachment,
  MailReceipt,
  RefusedRecipient,
} from '../module/index.ts'

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
