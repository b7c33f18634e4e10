import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkModules,
  findModules,
  renderViolation,
  type Violation,
} from '../framework/src/boundary/index.ts'
import { checkLaw } from './boundary-check.ts'
import { unseenFiles } from './boundary-files.ts'
import { law } from './law.ts'
import { listFiles, repositoryRoot } from './repository.ts'

/** `npm run check boundary`: the framework's rooms against the law, the shop's modules against the
 *  same check that `banyan check` runs for users. */
export function checkBoundaries(root: string): { text: string; ok: boolean } {
  const files = listFiles(root)
  const report = checkLaw(root, files, law)
  const shop = shopReport(root)
  const violations = [...unseenFiles(root, files, law), ...report.violations, ...shop.violations]
  const blocks = violations.map((violation) => renderViolation(violation))
  const rooms = report.imports.size
  const verdict = `${report.fileCount} files, ${rooms} rooms, ${shop.modules} modules of the shop: ${violations.length} violations`
  return { ok: violations.length === 0, text: [...blocks, verdict].join('\n\n') }
}

function shopReport(root: string): { modules: number; violations: readonly Violation[] } {
  const folder = join(root, 'shop')
  if (!existsSync(folder) || findModules(folder).length === 0) return { modules: 0, violations: [] }
  const report = checkModules({ root: folder })
  const violations = report.violations.map((v) => ({ ...v, file: `shop/${v.file}` }))
  return { modules: report.modules.length, violations }
}

if (import.meta.main) {
  const { text, ok } = checkBoundaries(repositoryRoot)
  console.log(text)
  process.exitCode = ok ? 0 : 1
}
