import { createSeededRandom, type Random } from '../kernel/index.ts'

/** A generated placement of modules: the groups that are services. Numbers count from 1: each module in
 *  turn apart from all others, then by turns random pairs and random groups of any size. The same
 *  number gives the same groups. */
export function placementOf(
  modules: readonly string[],
  number: number,
): readonly (readonly string[])[] {
  if (!Number.isInteger(number) || number < 1) throw new Error(`there is no placement #${number}`)
  const alone = modules[number - 1]
  if (alone !== undefined) {
    return [[alone], modules.filter((module) => module !== alone)].filter(
      ({ length }) => length > 0,
    )
  }
  const random = createSeededRandom(number)
  const shuffled = shuffle(modules, random)
  return (number - modules.length) % 2 === 1 ? pairsOf(shuffled) : groupsOf(shuffled, random)
}

function shuffle(modules: readonly string[], random: Random): readonly string[] {
  return modules
    .map((module) => ({ module, order: random.fraction() }))
    .sort((a, b) => a.order - b.order)
    .map(({ module }) => module)
}

function pairsOf(modules: readonly string[]): readonly (readonly string[])[] {
  return modules.flatMap((module, index) => {
    const other = modules[index + 1]
    if (index % 2 === 1) return []
    return [other === undefined ? [module] : [module, other]]
  })
}

/** Two groups or more, as far as there are modules for them. */
function groupsOf(modules: readonly string[], random: Random): readonly (readonly string[])[] {
  const count = 2 + Math.floor(random.fraction() * (modules.length - 2))
  const groups = Array.from({ length: count }, (): string[] => [])
  for (const [index, module] of modules.entries()) {
    const group = index < count ? index : Math.floor(random.fraction() * count)
    groups[group]?.push(module)
  }
  return groups.filter(({ length }) => length > 0)
}
