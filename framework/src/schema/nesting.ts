import { depthMax, type Issue } from './compiled-schema.ts'

/** Calls of recursive schemas inside one another. */
export const recursionMax: number = depthMax

/** Levels of containers that are handed to zod; a recursive schema may use several per level. */
const levelsMax = depthMax * 3

/** An issue when a value is nested too deeply, or in itself, for a recursive walk over it. */
export function nestingIssue(value: unknown): Issue | undefined {
  return heightOf(value, 0, new Map()) === Infinity ? tooDeep : undefined
}

export const tooDeep: Issue = {
  path: [],
  code: 'too_deep',
  message: `Too deep: expected at most ${depthMax} levels of nesting`,
}

/** Thrown by compiled code of recursive schemas, to leave all levels at once. */
export class TooDeepError extends Error {}

/** Height of the tree below; `Infinity` when it is above the limit or contains itself. */
function heightOf(value: unknown, level: number, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 0
  if (level >= levelsMax) return Infinity
  const height = known.get(value)
  if (height !== undefined) return level + height > levelsMax ? Infinity : height
  // until it is known, meeting it again means that it contains itself
  known.set(value, Infinity)
  let highest = 0
  for (const item of itemsOf(value)) {
    highest = Math.max(highest, heightOf(item, level + 1, known))
    if (highest === Infinity) return Infinity
  }
  known.set(value, highest + 1)
  return highest + 1
}

function itemsOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Set || Array.isArray(value)) return value
  return ArrayBuffer.isView(value) ? [] : Object.values(value)
}
