/** The commit boundaries of a payment: `before`, our intent is committed and the provider has not
 *  been asked; `after`, it has answered and we have not recorded it. */
export const paymentsFaultPoints = [
  'payments.authorise.before',
  'payments.authorise.after',
  'payments.capture.before',
  'payments.capture.after',
  'payments.void.before',
  'payments.void.after',
  'payments.refund.before',
  'payments.refund.after',
] as const
