import assert from 'node:assert/strict'
import {
  type ExternalCaller,
  type TestApplication,
  type TestApplicationOptions,
  testApplication,
} from 'banyan/testing'
import { audit, formatViolations } from '../audit/index.ts'
import { type PspSimulator, startPspSimulator } from '../psp/index.ts'
import { shop } from '../src/application.ts'
import { cart } from '../src/cart/contract.ts'
import { catalog, type Product } from '../src/catalog/contract.ts'
import { inventory } from '../src/inventory/contract.ts'
import { connectAsOwner } from './owner-query.ts'

export interface TestShopOptions extends Omit<TestApplicationOptions, 'config'> {
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** A provider that is shared with another shop; one of its own unless given. */
  readonly psp?: PspSimulator
}

/** What the tests of the shop write as the customer's address. */
export const shippingAddress = {
  name: 'A. Customer',
  street: 'Main Street 1',
  postalCode: '10115',
  city: 'Berlin',
  country: 'DE',
}

/** A shop under test with a provider, a clerk and as many customers as wanted. */
export class TestShop implements AsyncDisposable {
  readonly app: TestApplication
  readonly psp: PspSimulator
  readonly #stack: AsyncDisposableStack
  #customers = 0

  constructor(app: TestApplication, psp: PspSimulator, stack: AsyncDisposableStack) {
    this.app = app
    this.psp = psp
    this.#stack = stack
  }

  get clerk(): ExternalCaller {
    return this.app.as({ subject: 'clerk:anna', roles: ['clerk'] })
  }

  /** A customer who has never been here, or the named one. */
  customer(subject: string = `customer-${this.#customers++}`): ExternalCaller {
    return this.app.as({ subject, roles: ['customer'] })
  }

  /** Puts `count` units of a new product on sale. */
  async stock(sku: string, count: number, priceMinor: bigint = 1_995n): Promise<void> {
    await this.clerk.of(catalog).addProduct(productOf(sku, priceMinor))
    await this.clerk.of(inventory).receive({ sku, count }, { idempotencyKey: `receive-${sku}` })
  }

  /** A cart of `customer` with units of a product. */
  async cartWith(customer: ExternalCaller, sku: string, count: number = 1): Promise<string> {
    const { cartId } = await customer.of(cart).create({})
    await customer.of(cart).addLine({ cartId, sku, count })
    return cartId
  }

  /** Asserts every invariant. `isSettled` unless given: that nothing is under way, either. */
  async assertSound(isSettled: boolean = true): Promise<void> {
    await using owner = await connectAsOwner(this.app.server)
    const providerPayments = this.psp.provider.list()
    const violations = await audit({ query: owner.query, providerPayments, isSettled })
    assert.equal(formatViolations(violations), '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

/** Opens a shop with one empty category, `test`. Provider and recovery are impatient. */
export async function openTestShop(options: TestShopOptions = {}): Promise<TestShop> {
  const stack = new AsyncDisposableStack()
  try {
    const psp = options.psp ?? stack.use(await startPspSimulator())
    const { config, psp: _, ...rest } = options
    const app = stack.use(
      await testApplication(shop, {
        ...rest,
        config: {
          ...config,
          payments: { pspUrl: psp.url, attemptMs: 300, attemptsMax: 2, ...config?.['payments'] },
          checkout: { retryMs: 20, ...config?.['checkout'] },
          identity: { clerkSecret: 'a-secret-for-tests', ...config?.['identity'] },
        },
      }),
    )
    const opened = new TestShop(app, psp, stack)
    await opened.clerk.of(catalog).addCategory({ path: 'test', name: 'Test' })
    return opened
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** A product of the category `test`. */
export function productOf(sku: string, priceMinor: bigint): Product {
  return {
    sku,
    name: `Product ${sku}`,
    description: 'A product for tests.',
    category: 'test',
    price: { amountMinor: priceMinor, currency: 'EUR' },
    brand: 'Borealis',
    colour: 'red',
    size: 'M',
    material: 'wool',
    season: 'winter',
    audience: 'unisex',
  }
}
