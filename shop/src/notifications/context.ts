import type { MessageContext } from 'banyan/module'
import { z } from 'zod'
import type { orders } from '../orders/contract.ts'
import type { notificationsTables } from './rows.ts'

export const notificationsConfig = z.object({
  /** NOTIFICATIONS_FROM: the address that mails come from; its domain is that of their Message-IDs. */
  from: z.email().max(200).default('orders@shop.example'),
  /** NOTIFICATIONS_SELLER: who sells, in mails and on invoices. */
  seller: z.string().min(1).max(100).default('Banyan Shop'),
})
export type NotificationsConfig = z.output<typeof notificationsConfig>

/** Of work on events. */
export type NotificationsContext = MessageContext<
  typeof notificationsTables,
  readonly [typeof orders],
  NotificationsConfig
>
