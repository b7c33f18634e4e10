/** How a call ended: a result in wire form, or what it failed with. */
export type Outcome =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly problem: Problem }

/** A failed call as it is shown, wherever it was made. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly fix: string
  /** Places of an invalid input. */
  readonly issues: readonly string[]
  readonly details: unknown
  readonly traceId: string | undefined
}

/** A failed call as people read it. */
export function formatProblem({ code, message, fix, issues, details, traceId }: Problem): string {
  const untold = issues.filter((issue) => !message.includes(issue))
  const lines = [`${code}  ${message}`, ...untold.map((issue) => `  why   ${issue}`)]
  if (details !== undefined) lines.push(`  with  ${JSON.stringify(details)}`)
  if (fix !== '') lines.push(`  fix   ${fix}`)
  if (traceId !== undefined) lines.push(`  trace ${traceId}`)
  return lines.join('\n')
}

/** Issues of an invalid input as text, from either side. */
export function issuesOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.map((issue: unknown) => {
    if (typeof issue !== 'object' || issue === null) return String(issue)
    const { path = '', message = '' } = issue as { path?: unknown; message?: unknown }
    return path === '' ? String(message) : `${String(path)}: ${String(message)}`
  })
}
