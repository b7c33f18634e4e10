/** What one leaf of the tree sells: nouns for names, sizes that fit it, and a price range. */
export interface Assortment {
  readonly nouns: readonly string[]
  readonly sizes: 'clothes' | 'shoes' | 'litres' | 'persons' | 'one'
  readonly priceMinMinor: number
  readonly priceMaxMinor: number
}

export interface Leaf extends Assortment {
  readonly path: string
  /** Made of metal rather than of cloth. */
  readonly isHardware: boolean
}

const hardware = /^camp\/kitchen\/|^climb\/hardware\/|\/(headlamps|poles)$/

type Tree = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Assortment>>>>>>

const of = (
  nouns: readonly string[],
  sizes: Assortment['sizes'],
  priceMin: number,
  priceMax: number,
): Assortment => ({ nouns, sizes, priceMinMinor: priceMin * 100, priceMaxMinor: priceMax * 100 })

const tree: Tree = {
  camp: {
    tents: {
      'trekking-tents': of(['Trekking Tent', 'Ridge Tent'], 'persons', 149, 699),
      'family-tents': of(['Family Tent', 'Tunnel Tent'], 'persons', 249, 999),
      tarps: of(['Tarp', 'Sun Shelter'], 'one', 39, 179),
    },
    sleeping: {
      'sleeping-bags': of(['Sleeping Bag', 'Down Quilt'], 'clothes', 69, 449),
      mats: of(['Sleeping Mat', 'Air Mat', 'Foam Mat'], 'one', 19, 199),
      hammocks: of(['Hammock', 'Hammock Set'], 'one', 29, 149),
    },
    kitchen: {
      stoves: of(['Gas Stove', 'Alcohol Stove'], 'one', 25, 189),
      cookware: of(['Pot Set', 'Pan', 'Kettle'], 'litres', 15, 119),
      bottles: of(['Insulated Bottle', 'Water Bottle', 'Flask'], 'litres', 9, 59),
    },
  },
  hike: {
    clothing: {
      jackets: of(['Rain Jacket', 'Down Jacket', 'Softshell'], 'clothes', 79, 499),
      trousers: of(['Trekking Trousers', 'Shorts'], 'clothes', 45, 189),
      'base-layers': of(['Merino Shirt', 'Long Johns', 'T-Shirt'], 'clothes', 25, 119),
    },
    footwear: {
      boots: of(['Hiking Boots', 'Winter Boots'], 'shoes', 99, 349),
      shoes: of(['Approach Shoes', 'Trail Shoes'], 'shoes', 79, 219),
      socks: of(['Hiking Socks', 'Liner Socks'], 'shoes', 9, 35),
    },
    packs: {
      daypacks: of(['Daypack', 'Summit Pack'], 'litres', 39, 169),
      'trekking-packs': of(['Trekking Pack', 'Expedition Pack'], 'litres', 119, 399),
      pouches: of(['Dry Bag', 'Pouch', 'Hip Bag'], 'litres', 9, 59),
    },
  },
  climb: {
    ropes: {
      'single-ropes': of(['Single Rope'], 'one', 99, 289),
      'half-ropes': of(['Half Rope'], 'one', 89, 249),
      slings: of(['Sling', 'Cord', 'Daisy Chain'], 'one', 5, 49),
    },
    hardware: {
      carabiners: of(['Carabiner', 'Locking Carabiner', 'Quickdraw Set'], 'one', 7, 129),
      protection: of(['Nut Set', 'Cam', 'Ice Screw'], 'one', 15, 149),
      belaying: of(['Belay Device', 'Descender'], 'one', 19, 119),
    },
    protection: {
      harnesses: of(['Climbing Harness', 'Alpine Harness'], 'clothes', 49, 169),
      helmets: of(['Climbing Helmet'], 'clothes', 45, 149),
      gloves: of(['Belay Gloves', 'Winter Gloves'], 'clothes', 19, 99),
    },
  },
  run: {
    clothing: {
      'running-shirts': of(['Running Shirt', 'Singlet'], 'clothes', 25, 79),
      'running-jackets': of(['Wind Jacket', 'Running Vest'], 'clothes', 59, 229),
      tights: of(['Running Tights', 'Split Shorts'], 'clothes', 29, 119),
    },
    footwear: {
      'road-shoes': of(['Road Shoes', 'Racing Shoes'], 'shoes', 89, 249),
      'trail-shoes': of(['Trail Running Shoes', 'Fell Shoes'], 'shoes', 99, 229),
      gaiters: of(['Gaiters'], 'shoes', 15, 59),
    },
    gear: {
      headlamps: of(['Headlamp', 'Chest Lamp'], 'one', 25, 199),
      hydration: of(['Hydration Vest', 'Soft Flask'], 'litres', 15, 179),
      poles: of(['Running Poles', 'Folding Poles'], 'one', 59, 219),
    },
  },
}

/** Every category of the tree, parents before children. */
export function categoryTree(): { path: string; name: string }[] {
  const found = new Map<string, string>()
  for (const { path } of leaves()) {
    const parts = path.split('/')
    for (let depth = 1; depth <= parts.length; depth++) {
      found.set(parts.slice(0, depth).join('/'), titleOf(parts[depth - 1] ?? ''))
    }
  }
  return [...found].map(([path, name]) => ({ path, name }))
}

/** The leaves, where products hang, in the order of the tree. */
export function leaves(): Leaf[] {
  return Object.entries(tree).flatMap(([top, middles]) =>
    Object.entries(middles).flatMap(([middle, bottoms]) =>
      Object.entries(bottoms).map(([bottom, assortment]) => {
        const path = `${top}/${middle}/${bottom}`
        return { path, isHardware: hardware.test(path), ...assortment }
      }),
    ),
  )
}

function titleOf(slug: string): string {
  const text = slug.replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
