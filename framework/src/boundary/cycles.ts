/** Who imports whom: each key names what it imports. Targets that are no key have no imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** The import cycles of a graph, one per knot (strongly connected component): a shortest path that
 *  comes back to where it began, first name repeated at the end. Empty means there is none.
 *  Cost: linear in files and imports, plus one search per knot. */
export function findCycles(graph: ImportGraph): string[][] {
  return knotsOf(graph)
    .map((knot) => shortestCycle(graph, knot))
    .sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''))
}

interface Visit {
  readonly name: string
  readonly targets: readonly string[]
  next: number
}

/** Tarjan's algorithm, iterative: a deep chain of imports must not overflow the stack. */
class KnotFinder {
  readonly knots: Set<string>[] = []
  readonly #graph: ImportGraph
  readonly #index = new Map<string, number>()
  readonly #low = new Map<string, number>()
  readonly #open: string[] = []
  readonly #isOpen = new Set<string>()

  constructor(graph: ImportGraph) {
    this.#graph = graph
  }

  visitFrom(root: string): void {
    if (this.#index.has(root)) return
    const stack = [this.#enter(root)]
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const target = visit.targets[visit.next++]
      if (target === undefined) {
        stack.pop()
        this.#leave(visit.name, stack.at(-1)?.name)
      } else if (!this.#index.has(target)) stack.push(this.#enter(target))
      else if (this.#isOpen.has(target)) this.#lower(visit.name, this.#index.get(target) ?? 0)
    }
  }

  #enter(name: string): Visit {
    this.#index.set(name, this.#index.size)
    this.#low.set(name, this.#index.size - 1)
    this.#open.push(name)
    this.#isOpen.add(name)
    return { name, targets: this.#graph.get(name) ?? [], next: 0 }
  }

  #lower(name: string, value: number): void {
    this.#low.set(name, Math.min(this.#low.get(name) ?? value, value))
  }

  #leave(name: string, parent: string | undefined): void {
    const low = this.#low.get(name) ?? 0
    if (parent !== undefined) this.#lower(parent, low)
    if (low !== this.#index.get(name)) return
    const members = this.#open.splice(this.#open.lastIndexOf(name))
    for (const member of members) this.#isOpen.delete(member)
    const isKnot = members.length > 1 || (this.#graph.get(name) ?? []).includes(name)
    if (isKnot) this.knots.push(new Set(members))
  }
}

function knotsOf(graph: ImportGraph): Set<string>[] {
  const finder = new KnotFinder(graph)
  for (const name of graph.keys()) finder.visitFrom(name)
  return finder.knots
}

/** Breadth first from the alphabetically first member, inside the knot, back to itself. */
function shortestCycle(graph: ImportGraph, knot: ReadonlySet<string>): string[] {
  const start = [...knot].sort()[0] ?? ''
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const target of graph.get(at) ?? []) {
      if (target === start) return pathTo(at, cameFrom, start)
      if (!knot.has(target) || cameFrom.has(target)) continue
      cameFrom.set(target, at)
      queue.push(target)
    }
  }
  return [start]
}

function pathTo(end: string, cameFrom: ReadonlyMap<string, string>, start: string): string[] {
  const path = [start]
  for (let at: string | undefined = end; at !== undefined && at !== start; at = cameFrom.get(at)) {
    path.unshift(at)
  }
  return [start, ...path]
}
