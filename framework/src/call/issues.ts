import type { Checked, Issue } from '../schema/index.ts'
import type { IssueText } from './errors.ts'

const issuesMax = 20

/** Issues as text that may leave the process: at most 20, paths joined by dots. */
export function issueTexts(checked: Checked<unknown>): readonly IssueText[] {
  if (checked.ok) return []
  return checked.issues.slice(0, issuesMax).map(({ path, code, message }: Issue) => ({
    path: path.join('.'),
    code,
    message,
  }))
}
