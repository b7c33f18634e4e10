import { createHash } from 'node:crypto'
import { confirmationMail, messageIdOf } from './confirmation-mail.ts'
import type { NotificationsContext } from './context.ts'
import { invoiceOf } from './invoice.ts'
import { invoicePrinters } from './invoice-printers.ts'
import type { MailRow } from './rows.ts'

const kind = 'order-confirmation'

/** Confirms a paid order by mail, with its invoice.
 *
 *  One mail effect per order: its row is written once, and what is recorded is not sent again. A process
 *  that dies after the mail was handed over and before the row is committed leaves it to the next one,
 *  which sends the same bytes under the same Message-ID; the server may then have seen it twice.
 *  @throws MAIL_REFUSED (parks the message: the address is wrong) · ORDERS_ORDER_MISSING ·
 *    MAIL_UNAVAILABLE · MAIL_OUTCOME_UNKNOWN · THREADS_* (again later) */
export async function confirmOrder(
  { orderId }: { readonly orderId: string },
  ctx: NotificationsContext,
): Promise<void> {
  if (await isRecorded(ctx, orderId)) return
  const receipt = await ctx.call.orders.receipt({ orderId })
  const { email } = receipt.shippingAddress
  if (email === undefined) return record(ctx, orderId, { state: 'unaddressed', digest: null })
  const { signal, config } = ctx
  const invoice = await invoicePrinters.run(invoiceOf(receipt, config.seller), { signal })
  await ctx.faultPoint('notifications.send.before')
  await ctx.mail.send(confirmationMail({ ...receipt, email }, invoice, config))
  await ctx.faultPoint('notifications.send.after')
  const digest = createHash('sha256').update(invoice).digest('hex')
  await record(ctx, orderId, { state: 'sent', digest })
}

/** As it is now, not as it was when this message was first worked on. */
function isRecorded(ctx: NotificationsContext, orderId: string): Promise<boolean> {
  return ctx.transaction(
    async (tx) => {
      const found = await tx
        .selectFrom('mail')
        .select('state')
        .where('order_id', '=', orderId)
        .where('kind', '=', kind)
        .executeTakeFirst()
      return found !== undefined
    },
    { recorded: false },
  )
}

async function record(
  ctx: NotificationsContext,
  orderId: string,
  { state, digest }: { readonly state: MailRow['state']; readonly digest: string | null },
): Promise<void> {
  const row: MailRow = {
    ...{ order_id: orderId, kind, state, invoice_digest: digest },
    message_id: messageIdOf(orderId, ctx.config),
    recorded_at: new Date(ctx.clock.nowMs()),
  }
  await ctx.transaction(async (tx) => {
    await tx
      .insertInto('mail')
      .values(row)
      .onConflict((conflict) => conflict.columns(['order_id', 'kind']).doNothing())
      .execute()
  })
}
