import type { Mail } from 'banyan/module'
import { formatMoney, multiplyMoney } from '../money/index.ts'
import type { Receipt } from '../orders/contract.ts'
import type { NotificationsConfig } from './context.ts'

/** The mail that confirms a paid order. Everything in it follows from the receipt and the settings, so that
 *  each attempt is the same mail.
 *  Requires: the receipt has an address. */
export function confirmationMail(
  receipt: Receipt & { readonly email: string },
  invoice: Uint8Array,
  config: NotificationsConfig,
): Mail {
  const { orderId, paidAt, email, shippingAddress } = receipt
  return {
    messageId: messageIdOf(orderId, config),
    from: { address: config.from, name: config.seller },
    to: [{ address: email, name: shippingAddress.name }],
    subject: `Your order ${orderId}`,
    text: textOf(receipt, config),
    attachments: [
      { fileName: `invoice-${orderId}.pdf`, contentType: 'application/pdf', content: invoice },
    ],
    date: paidAt,
  }
}

/** One per order and kind: by it a server, and the captured mailer, know a mail that comes again. */
export function messageIdOf(orderId: string, { from }: Pick<NotificationsConfig, 'from'>): string {
  return `order-confirmation.${orderId}@${from.slice(from.lastIndexOf('@') + 1)}`
}

function textOf(
  { orderId, lines, total, shippingAddress }: Receipt,
  { seller }: NotificationsConfig,
) {
  const bought = lines.map(
    ({ name, sku, count, price }) =>
      `  ${count} × ${name} (${sku}): ${formatMoney(multiplyMoney(price, count))}`,
  )
  const { name, street, postalCode, city, country } = shippingAddress
  return [
    `Hello ${name},`,
    '',
    `we have received your payment for order ${orderId}:`,
    '',
    ...bought,
    `  Total: ${formatMoney(total)}`,
    '',
    'It goes to:',
    '',
    ...[name, street, `${postalCode} ${city}`, country].map((line) => `  ${line}`),
    '',
    'The invoice is attached.',
    '',
    seller,
    '',
  ].join('\n')
}
