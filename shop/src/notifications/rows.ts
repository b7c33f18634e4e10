import { tables } from 'banyan/data'
import type { MailKind, MailState } from './contract.ts'

export interface MailRow {
  readonly order_id: string
  readonly kind: MailKind
  readonly state: MailState
  readonly message_id: string
  readonly invoice_digest: string | null
  readonly recorded_at: Date
}

export interface NotificationsRows {
  readonly mail: MailRow
}

export const notificationsTables = tables<NotificationsRows>(new URL('./sql/', import.meta.url))
