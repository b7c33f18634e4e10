import { type Node, visitorKeys } from 'oxc-parser'

/** A node of the syntax tree, as oxc-parser makes it (ESTree with TypeScript). */
export type AstNode = Node

/** Visits `node` and everything below it, parents first.
 *  @param enter  told the node and its ancestors, the nearest last; the array is reused between calls.
 */
export function walk(
  node: AstNode,
  enter: (node: AstNode, ancestors: readonly AstNode[]) => void,
): void {
  const ancestors: AstNode[] = []
  const visit = (current: AstNode): void => {
    enter(current, ancestors)
    ancestors.push(current)
    for (const key of visitorKeys[current.type] ?? []) visitChild(Reflect.get(current, key), visit)
    ancestors.pop()
  }
  visit(node)
}

function visitChild(child: unknown, visit: (node: AstNode) => void): void {
  if (Array.isArray(child)) for (const item of child) visitChild(item, visit)
  else if (isNode(child)) visit(child)
}

function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'type' in value
}
