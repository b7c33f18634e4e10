import { application } from 'banyan/module'
import { cartModule } from './cart/module.ts'
import { catalogModule } from './catalog/module.ts'
import { checkoutModule } from './checkout/module.ts'
import { identityModule } from './identity/module.ts'
import { inventoryModule } from './inventory/module.ts'
import { ledgerModule } from './ledger/module.ts'
import { mediaModule } from './media/module.ts'
import { notificationsModule } from './notifications/module.ts'
import { ordersModule } from './orders/module.ts'
import { paymentsModule } from './payments/module.ts'
import { purchasingModule } from './purchasing/module.ts'

/** The reference application: a shop. Modules are listed after those that they use. */
export const shop = application('shop', {
  modules: [
    identityModule,
    catalogModule,
    mediaModule,
    inventoryModule,
    cartModule,
    paymentsModule,
    ledgerModule,
    ordersModule,
    notificationsModule,
    purchasingModule,
    checkoutModule,
  ],
  roles: ['customer', 'clerk'],
})
