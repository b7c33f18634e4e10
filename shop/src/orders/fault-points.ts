/** The commit boundaries of giving an order back: before each step, and after its effect is committed
 *  elsewhere while the order does not know. */
export const ordersFaultPoints = [
  'orders.release.before',
  'orders.release.after',
  'orders.refund.before',
  'orders.refund.after',
  'orders.post.before',
  'orders.post.after',
] as const
