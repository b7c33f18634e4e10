/** The steps of a checkout, each between two commits. */
export const stepNames = [
  'reserve',
  'authorise',
  'confirm',
  'place',
  'capture',
  'markPaid',
  'post',
  'closeCart',
  'abandon',
  'void',
  'release',
] as const
export type StepName = (typeof stepNames)[number]

export type CheckoutFaultPoint =
  | 'checkout.open.before'
  | `checkout.${StepName}.${'before' | 'after'}`
  | 'checkout.finish.after'

/** Every fault point of the module checkout, which are its commit boundaries: `before` a step, the
 *  state that asks for it is committed; `after` it, its effect is committed in its module and the
 *  checkout does not know. */
export const checkoutFaultPoints: readonly CheckoutFaultPoint[] = [
  'checkout.open.before',
  ...stepNames.flatMap((name) => [`checkout.${name}.before`, `checkout.${name}.after`] as const),
  'checkout.finish.after',
]
