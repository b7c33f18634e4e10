import type { RouteSegment } from '../contract/index.ts'

/** What answers one path, by method. */
export class MethodTable<Target> {
  readonly targets: Map<string, Target> = new Map()
  /** The Allow header: every method this path answers. */
  allow = ''

  add(method: string, target: Target): void {
    this.targets.set(method, target)
    const methods = new Set(this.targets.keys())
    if (methods.has('GET')) methods.add('HEAD')
    methods.add('OPTIONS')
    this.allow = [...methods].sort().join(', ')
  }
}

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>
  parameter: Node<Target> | undefined
  table: MethodTable<Target> | undefined
}

/** Finds the route of a path: one map lookup for paths without parameters, else a walk over the
 *  segments. A literal segment is preferred to a parameter; a dead end falls back.
 *  Cost: O(1) for static paths; O(segments) otherwise, unless literals and parameters overlap. */
export class Router<Target> {
  readonly #static = new Map<string, MethodTable<Target>>()
  readonly #root: Node<Target> = createNode()

  /** Adds a route; returns the target that already answers it, or undefined when it was free. */
  add(method: string, segments: readonly RouteSegment[], target: Target): Target | undefined {
    let node = this.#root
    for (const segment of segments) {
      if (segment.type === 'parameter') node = node.parameter ??= createNode()
      else {
        const next = node.literals.get(segment.text) ?? createNode()
        node.literals.set(segment.text, next)
        node = next
      }
    }
    const table = (node.table ??= new MethodTable())
    const taken = table.targets.get(method)
    if (taken !== undefined) return taken
    table.add(method, target)
    if (segments.every((segment) => segment.type === 'literal')) {
      const texts = segments.map((segment) => (segment.type === 'literal' ? segment.text : ''))
      this.#static.set(`/${texts.join('/')}`, table)
    }
    return undefined
  }

  /** The methods of a path without parameters, as it stands in the request line. */
  findStatic(path: string): MethodTable<Target> | undefined {
    return this.#static.get(path)
  }

  /** The methods of a path given as decoded segments; parameter values are put into `values`, in
   *  the order of the path. */
  find(segments: readonly string[], values: string[]): MethodTable<Target> | undefined {
    return walk(this.#root, segments, 0, values)
  }
}

function createNode<Target>(): Node<Target> {
  return { literals: new Map(), parameter: undefined, table: undefined }
}

function walk<Target>(
  node: Node<Target>,
  segments: readonly string[],
  index: number,
  values: string[],
): MethodTable<Target> | undefined {
  const segment = segments[index]
  if (segment === undefined) return node.table
  const literal = node.literals.get(segment)
  if (literal !== undefined) {
    const found = walk(literal, segments, index + 1, values)
    if (found !== undefined) return found
  }
  if (node.parameter === undefined || segment === '') return undefined
  values.push(segment)
  const found = walk(node.parameter, segments, index + 1, values)
  if (found === undefined) values.pop()
  return found
}
