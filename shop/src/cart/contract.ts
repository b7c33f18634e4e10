import { command, contract, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { skuSchema } from '../catalog/contract.ts'
import { moneySchema } from '../money/index.ts'

const sku = skuSchema
/** Units of one product in a cart. */
const countSchema = z.int().min(1).max(99)
const cartKey = z.object({ cartId: z.uuid() })

export const cartLineSchema = z.object({ sku, count: countSchema })
export type CartLine = z.output<typeof cartLineSchema>

const contentsSchema = z.object({
  cartId: z.uuid(),
  customerId: z.string(),
  isOpen: z.boolean(),
  lines: z.array(cartLineSchema),
})
export type CartContents = z.output<typeof contentsSchema>

const changeFailures = ['cartMissing', 'cartClosed', 'cartFull'] as const

/** What a customer means to buy. A cart holds products and counts; prices are the catalogue's. */
export const cart = contract('cart', {
  failures: {
    cartMissing: failure(
      'not_found',
      z.object({ cartId: z.string() }),
      ({ cartId }) => `you have no cart ${cartId}`,
    ),
    cartClosed: failure(
      'conflict',
      z.object({ cartId: z.string() }),
      ({ cartId }) => `cart ${cartId} has been bought; create another`,
    ),
    currenciesMixed: failure(
      'conflict',
      z.object({ cartId: z.string() }),
      ({ cartId }) => `cart ${cartId} holds prices of several currencies; take out those of one`,
    ),
    cartFull: failure(
      'conflict',
      z.object({ limit: z.string(), max: z.int() }),
      ({ limit, max }) => `a cart takes at most ${max} ${limit}`,
    ),
    productMissing: failure(
      'not_found',
      z.object({ sku: z.string() }),
      ({ sku }) => `there is no product ${sku}`,
    ),
    lineMissing: failure(
      'not_found',
      z.object({ sku: z.string() }),
      ({ sku }) => `the cart has no ${sku}`,
    ),
  },
  operations: {
    create: command({
      summary: 'Creates an empty cart of the caller.',
      input: z.object({}),
      output: cartKey,
      http: 'POST /carts',
      status: 201,
      access: ['customer'],
    }),
    get: query({
      summary: 'Reads a cart of the caller with the prices of this moment.',
      input: cartKey,
      output: z.object({
        cartId: z.uuid(),
        isOpen: z.boolean(),
        lines: z.array(cartLineSchema.extend({ name: z.string(), price: moneySchema })),
        total: moneySchema,
      }),
      http: 'GET /carts/{cartId}',
      access: ['customer'],
      failures: ['cartMissing', 'currenciesMixed'],
    }),
    contents: query({
      summary: 'Reads any cart, for a checkout.',
      input: cartKey,
      output: contentsSchema,
      access: 'internal',
      failures: ['cartMissing'],
      criticality: 'critical',
    }),
    addLine: command({
      summary: 'Adds units of a product to what the cart holds of it.',
      input: cartKey.extend({ sku, count: countSchema.default(1) }),
      output: contentsSchema,
      http: 'POST /carts/{cartId}/lines',
      access: ['customer'],
      failures: [...changeFailures, 'productMissing'],
    }),
    setLine: command({
      summary: 'Sets the units of a product that the cart holds.',
      input: cartKey.extend({ sku, count: countSchema }),
      output: contentsSchema,
      http: 'PUT /carts/{cartId}/lines/{sku}',
      access: ['customer'],
      failures: [...changeFailures, 'lineMissing'],
    }),
    removeLine: command({
      summary: 'Takes a product out of the cart; what is not there is already out.',
      input: cartKey.extend({ sku }),
      output: contentsSchema,
      http: 'DELETE /carts/{cartId}/lines/{sku}',
      access: ['customer'],
      failures: changeFailures,
    }),
    close: command({
      summary: 'Closes a cart that has been bought; repeating it changes nothing.',
      input: cartKey,
      output: cartKey,
      access: 'internal',
      failures: ['cartMissing'],
      criticality: 'critical',
    }),
  },
})
