/** The candidate closest to `name` within a third of its length, or the empty text. */
export function nearestOf(name: string, candidates: readonly string[]): string {
  let best = { candidate: '', distance: Math.floor(name.length / 3) + 1 }
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < best.distance) best = { candidate, distance }
  }
  return best.candidate
}

/** Levenshtein's distance. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let index = 0; index < left.length; index++) {
    const next = [index + 1]
    for (let column = 1; column <= right.length; column++) {
      const substitution = (row[column - 1] ?? 0) + (right[column - 1] === left[index] ? 0 : 1)
      next.push(Math.min(substitution, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
