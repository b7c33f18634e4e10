import { moduleUseCycle } from './errors.ts'
import type { Module } from './module.ts'

/** Who uses whom: module name → names of the modules it uses, in declared order. */
export type UseGraph = ReadonlyMap<string, readonly string[]>

/** The graph of an application's modules. */
export function graphOf(application: { readonly modules: readonly Module[] }): UseGraph {
  return new Map(
    application.modules.map(({ contract, uses }) => [contract.name, uses.map(({ name }) => name)]),
  )
}

/** The graph for people, one module a line: `checkout → cart, inventory`. */
export function printGraph(graph: UseGraph): string {
  return [...graph]
    .map(([name, uses]) => (uses.length === 0 ? name : `${name} → ${uses.join(', ')}`))
    .join('\n')
}

/** @throws MODULE_USE_CYCLE with the path of the first circle found. */
export function assertAcyclic(modules: readonly Module[]): void {
  const graph = graphOf({ modules })
  const finished = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (finished.has(name)) return
    const start = path.indexOf(name)
    if (start >= 0) throw moduleUseCycle({ path: [...path.slice(start), name].join(' → ') })
    for (const used of graph.get(name) ?? []) visit(used, [...path, name])
    finished.add(name)
  }
  for (const name of graph.keys()) visit(name, [])
}
