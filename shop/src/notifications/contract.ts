import { contract, query } from 'banyan/contract'
import { z } from 'zod'

/** Where a drill may kill the process. */
export { notificationsFaultPoints } from './fault-points.ts'

const kindSchema = z.enum(['order-confirmation'])
export type MailKind = z.output<typeof kindSchema>

/** `unaddressed`: the customer left no address, so nothing is sent. */
const stateSchema = z.enum(['sent', 'unaddressed'])
export type MailState = z.output<typeof stateSchema>

/** What customers are told by mail: an order that was paid is confirmed, with its invoice. */
export const notifications = contract('notifications', {
  operations: {
    mails: query({
      summary: 'Reads which mails went out about an order.',
      input: z.object({ orderId: z.uuid() }),
      output: z.object({
        mails: z.array(
          z.object({
            kind: kindSchema,
            state: stateSchema,
            messageId: z.string(),
            recordedAt: z.date(),
          }),
        ),
      }),
      http: 'GET /orders/{orderId}/mails',
      access: ['clerk'],
    }),
  },
})
