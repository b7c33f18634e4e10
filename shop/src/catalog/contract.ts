import { command, contract, event, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { moneySchema } from '../money/index.ts'

/** The properties that a product can be narrowed down by. */
export const facetNames = ['brand', 'colour', 'size', 'material', 'season', 'audience'] as const
export type FacetName = (typeof facetNames)[number]

export const skuSchema = z.string().regex(/^[A-Z0-9][A-Z0-9-]{2,31}$/)
/** A category's path from the root: `outdoor/tents/family`. */
export const categoryPathSchema = z.string().regex(/^[a-z0-9-]{1,40}(\/[a-z0-9-]{1,40}){0,4}$/)

/** Most that one unit may cost, in minor units: a full cart of such still fits a column and the
 *  payment provider's amounts. */
const priceMinorMax = 1_000_000_000_000n
const priceMoneySchema = moneySchema.extend({
  amountMinor: z.bigint().positive().lte(priceMinorMax),
})
const facetValue = z.string().min(1).max(40)
const facetFilter = z.array(facetValue).max(20).optional()

export const productSchema = z.object({
  sku: skuSchema,
  name: z.string().min(1).max(120),
  description: z.string().max(2_000),
  category: categoryPathSchema,
  price: priceMoneySchema,
  brand: facetValue,
  colour: facetValue,
  size: facetValue,
  material: facetValue,
  season: facetValue,
  audience: facetValue,
})
export type Product = z.output<typeof productSchema>

const categorySchema = z.object({ path: categoryPathSchema, name: z.string().min(1).max(80) })

export const searchSchema = z.object({
  text: z.string().max(200).optional(),
  category: categoryPathSchema.optional(),
  brand: facetFilter,
  colour: facetFilter,
  size: facetFilter,
  material: facetFilter,
  season: facetFilter,
  audience: facetFilter,
  sort: z.enum(['relevance', 'name', 'priceUp', 'priceDown']).optional(),
  cursor: z.string().max(400).optional(),
  pageSize: z.int().min(1).max(50).default(20),
})
export type Search = z.output<typeof searchSchema>

const facetCount = z.object({ value: z.string(), count: z.int() })
export const facetCountsSchema = z.object({
  brand: z.array(facetCount),
  colour: z.array(facetCount),
  size: z.array(facetCount),
  material: z.array(facetCount),
  season: z.array(facetCount),
  audience: z.array(facetCount),
})
export type FacetCounts = z.output<typeof facetCountsSchema>

const priceSchema = z.object({ sku: skuSchema, name: z.string(), price: moneySchema })

/** What is for sale, at which price. */
export const catalog = contract('catalog', {
  failures: {
    productMissing: failure(
      'not_found',
      z.object({ sku: z.string() }),
      ({ sku }) => `there is no product ${sku}`,
    ),
    skuTaken: failure('conflict', z.object({ sku: z.string() }), ({ sku }) => `${sku} exists`),
    categoryMissing: failure(
      'not_found',
      z.object({ category: z.string() }),
      ({ category }) => `there is no category ${category}`,
    ),
    categoryTaken: failure(
      'conflict',
      z.object({ category: z.string() }),
      ({ category }) => `${category} exists`,
    ),
    cursorInvalid: failure(
      'invalid',
      z.object({}),
      () => 'the cursor is not one that this search gave; start again without it',
    ),
  },
  operations: {
    search: query({
      summary: 'Finds products by text, category and facets, a page at a time.',
      input: searchSchema,
      output: z.object({
        products: z.array(productSchema),
        nextCursor: z.string().optional(),
      }),
      http: 'GET /products',
      access: 'public',
      failures: ['cursorInvalid'],
      timeout: '2s',
      criticality: 'sheddable',
    }),
    facets: query({
      summary:
        'Counts products per facet value; each facet is counted as if it were not narrowed itself.',
      input: searchSchema.omit({ cursor: true, pageSize: true, sort: true }),
      output: facetCountsSchema,
      http: 'GET /facets',
      access: 'public',
      timeout: '2s',
      criticality: 'sheddable',
    }),
    product: query({
      summary: 'Reads one product.',
      input: z.object({ sku: skuSchema }),
      output: productSchema,
      http: 'GET /products/{sku}',
      access: 'public',
      failures: ['productMissing'],
      timeout: '2s',
    }),
    categories: query({
      summary: 'Lists the category tree in path order, with the products at and below each.',
      input: z.object({}),
      output: z.object({
        categories: z.array(categorySchema.extend({ productCount: z.int() })),
      }),
      http: 'GET /categories',
      access: 'public',
      timeout: '2s',
    }),
    prices: query({
      summary: 'Prices up to 100 products for a cart or a checkout.',
      input: z.object({ skus: z.array(skuSchema).min(1).max(100) }),
      output: z.object({ prices: z.array(priceSchema) }),
      access: 'internal',
      failures: ['productMissing'],
      timeout: '2s',
      criticality: 'critical',
    }),
    addCategory: command({
      summary: 'Adds a category below an existing one, or at the top.',
      input: categorySchema,
      output: categorySchema,
      http: 'POST /categories',
      status: 201,
      access: ['clerk'],
      failures: ['categoryMissing', 'categoryTaken'],
    }),
    addProduct: command({
      summary: 'Adds a product to an existing category.',
      input: productSchema,
      output: productSchema,
      http: 'POST /products',
      status: 201,
      access: ['clerk'],
      failures: ['skuTaken', 'categoryMissing'],
    }),
    alterPrice: command({
      summary: 'Sets the price of a product; checkouts under way keep the price they showed.',
      input: z.object({ sku: skuSchema, price: priceMoneySchema }),
      output: productSchema,
      http: 'PUT /products/{sku}/price',
      access: ['clerk'],
      failures: ['productMissing'],
    }),
  },
  events: {
    priceAltered: event({ version: 1, payload: priceSchema, key: ({ sku }) => sku }),
  },
})
