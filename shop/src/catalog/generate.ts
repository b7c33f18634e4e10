import { createSeededRandom, type Random } from 'banyan/kernel'
import { type Assortment, type Leaf, leaves } from './category-tree.ts'
import type { Product } from './contract.ts'

const brands = [
  'Alderline',
  'Borealis',
  'Cairn & Co',
  'Drift North',
  'Eiger Works',
  'Fernway',
  'Greyling',
  'Hollow Peak',
  'Ibex',
  'Juniper',
  'Kestrel',
  'Lumen Trail',
]
const series = [
  'Aura',
  'Basalt',
  'Cirrus',
  'Delta',
  'Ember',
  'Fjord',
  'Glacier',
  'Horizon',
  'Indigo',
]
const colours = ['black', 'blue', 'green', 'grey', 'orange', 'red', 'sand', 'yellow']
const textiles = ['cotton', 'merino', 'nylon', 'polyamide', 'polyester', 'wool']
const metals = ['aluminium', 'brass', 'steel', 'titanium']
const seasons = ['summer', 'three-season', 'winter', 'all-year']
const audiences = ['women', 'men', 'unisex', 'children']
const traits = [
  'light',
  'hard-wearing',
  'windproof',
  'quick-drying',
  'compact',
  'quiet',
  'repairable',
]
const uses = [
  'for long days above the tree line',
  'for a first night outside',
  'for fast and light weekends',
  'for the way to work and the way up',
  'for wet autumns and early starts',
  'for expeditions that may take longer than planned',
]
const sizes: Readonly<Record<Assortment['sizes'], readonly string[]>> = {
  clothes: ['XS', 'S', 'M', 'L', 'XL'],
  shoes: ['37', '38', '39', '40', '41', '42', '43', '44', '45'],
  litres: ['0.5 l', '1 l', '2 l', '20 l', '35 l', '60 l'],
  persons: ['1 person', '2 persons', '3 persons', '4 persons'],
  one: ['one size'],
}

/** The first `count` products of one endless list that never changes: skus are unique, leaves of the
 *  category tree take turns. */
export function generateProducts(count: number): Product[] {
  const random = createSeededRandom(20_260_401)
  const all = leaves()
  return Array.from({ length: count }, (_, index) => {
    const leaf = all[index % all.length]
    if (leaf === undefined) throw new RangeError('the category tree is empty')
    return generateProduct(index, leaf, random)
  })
}

function generateProduct(index: number, leaf: Leaf, random: Random): Product {
  const brand = pick(brands, random)
  const colour = pick(colours, random)
  const material = pick(leaf.isHardware ? metals : textiles, random)
  const season = pick(seasons, random)
  const name = `${brand} ${pick(series, random)} ${pick(leaf.nouns, random)}`
  const trait = pick(traits, random)
  const others = traits.filter((other) => other !== trait)
  const description =
    `${trait} and ${pick(others, random)}, made of ${material}, ` +
    `${pick(uses, random)}. Colour: ${colour}. Season: ${season}.`
  return {
    sku: skuOf(leaf, index),
    name,
    description: description.charAt(0).toUpperCase() + description.slice(1),
    category: leaf.path,
    price: { amountMinor: pricePoint(leaf, random), currency: 'EUR' },
    brand,
    colour,
    size: pick(sizes[leaf.sizes], random),
    material,
    season,
    audience: pick(audiences, random),
  }
}

function skuOf({ path }: Leaf, index: number): string {
  const bottom = path.split('/').at(-1) ?? ''
  const letters = bottom.replaceAll('-', '').slice(0, 4).toUpperCase()
  return `${letters}-${String(index + 1).padStart(5, '0')}`
}

/** A price that ends in 95 cents. */
function pricePoint({ priceMinMinor, priceMaxMinor }: Assortment, random: Random): bigint {
  const amount = priceMinMinor + random.fraction() * (priceMaxMinor - priceMinMinor)
  return BigInt(Math.floor(amount / 100)) * 100n + 95n
}

function pick(values: readonly string[], random: Random): string {
  const value = values[Math.floor(random.fraction() * values.length)]
  if (value === undefined) throw new RangeError('nothing to pick from')
  return value
}
