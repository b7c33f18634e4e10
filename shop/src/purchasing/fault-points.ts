/** The commit boundaries of a purchase order: `before`, nothing of the effect has happened; `after`, it has,
 *  and the message does not know of it. `order` is the mail to the supplier, `book` the receipt in the stock. */
export const purchasingFaultPoints = [
  'purchasing.propose.before',
  'purchasing.propose.after',
  'purchasing.order.before',
  'purchasing.order.after',
  'purchasing.book.before',
  'purchasing.book.after',
  'purchasing.close.before',
  'purchasing.close.after',
] as const
