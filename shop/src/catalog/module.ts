import { module } from 'banyan/module'
import { addCategory, addProduct, alterPrice } from './alterations.ts'
import { catalog, facetNames } from './contract.ts'
import { findProduct, listCategories, priceProducts } from './lookup.ts'
import { catalogTables } from './rows.ts'
import { countFacet, searchProducts } from './search.ts'
import { seedCatalog } from './seed.ts'

export const catalogModule = module(catalog, {
  tables: catalogTables,
  handlers: {
    search: (input, ctx) => searchProducts(ctx.db, input),
    facets: async (input, ctx) => {
      const [brand, colour, size, material, season, audience] = await Promise.all([
        ...facetNames.map((facet) => countFacet(ctx.db, input, facet)),
      ])
      return {
        brand: brand ?? [],
        colour: colour ?? [],
        size: size ?? [],
        material: material ?? [],
        season: season ?? [],
        audience: audience ?? [],
      }
    },
    product: ({ sku }, ctx) => findProduct(ctx.db, sku),
    categories: async (_input, ctx) => ({ categories: await listCategories(ctx.db) }),
    prices: async ({ skus }, ctx) => ({ prices: await priceProducts(ctx.db, skus) }),
    addCategory: (category, ctx) => ctx.transaction((tx) => addCategory(tx, category)),
    addProduct: (product, ctx) => ctx.transaction((tx) => addProduct(tx, product)),
    alterPrice: (input, ctx) => ctx.transaction((tx) => alterPrice(tx, input)),
  },
  seed: (ctx) => ctx.transaction((tx) => seedCatalog(tx)),
})
