import { module } from 'banyan/module'
import { orders } from '../orders/contract.ts'
import { confirmOrder } from './confirm-order.ts'
import { notificationsConfig } from './context.ts'
import { notifications } from './contract.ts'
import { notificationsTables } from './rows.ts'

export const notificationsModule = module(notifications, {
  uses: [orders],
  tables: notificationsTables,
  config: notificationsConfig,
  grants: ['mail'],
  handlers: {
    mails: async ({ orderId }, { db }) => {
      const rows = await db
        .selectFrom('mail')
        .selectAll()
        .where('order_id', '=', orderId)
        .orderBy('kind')
        .execute()
      return {
        mails: rows.map(({ kind, state, message_id, recorded_at }) => ({
          ...{ kind, state, messageId: message_id, recordedAt: recorded_at },
        })),
      }
    },
  },
  messages: ({ on }) => [
    on(orders.events.paid, confirmOrder, {
      // a mail server may be away for more than a day
      ...{ timeout: '60s', attemptsMax: 1_000, retry: { firstMs: 1_000, maxMs: 300_000 } },
      concurrencyMax: 16,
    }),
  ],
})
