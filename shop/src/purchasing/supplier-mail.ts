import type { Mail } from 'banyan/module'
import type { PurchasingConfig } from './context.ts'
import type { PurchaseOrderRow } from './rows.ts'

type Ordered = Pick<PurchaseOrderRow, 'id' | 'sku' | 'count' | 'proposed_at'>

/** The mail that orders goods: the shop's suppliers read mail, and answer by a parcel. Everything in it
 *  follows from the row and the settings, so that each attempt is the same mail. */
export function supplierMail(
  { id, sku, count, proposed_at }: Ordered,
  { from, supplier }: Pick<PurchasingConfig, 'from' | 'supplier'>,
): Mail {
  return {
    messageId: `purchase-order.${id}@${from.slice(from.lastIndexOf('@') + 1)}`,
    from: { address: from },
    to: [{ address: supplier }],
    subject: `Purchase order ${id}`,
    text: [`Please deliver ${count} × ${sku}.`, '', `Our order: ${id}`, ''].join('\n'),
    date: proposed_at,
  }
}
