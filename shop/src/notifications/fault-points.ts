/** The commit boundaries of a mail: `before`, the invoice is made and nothing was sent; `after`, the mail
 *  was handed over and we have not recorded it. */
export const notificationsFaultPoints = [
  'notifications.send.before',
  'notifications.send.after',
] as const
