import { type Finding, findingAt } from './finding.ts'
import type { RepositoryFiles } from './files.ts'

const emptyNames = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'lib',
  'shared',
  'core',
  'manager',
  'misc',
])
const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/
/** Names that tools and custom prescribe. */
const customary = /^(?:[A-Z]+(?:\.md)?|Dockerfile|\..+|\d{4}-.+)$/

/** Files in kebab-case; no folder or file that says nothing about its content. */
export function checkNames(files: RepositoryFiles): Finding[] {
  return files.all.flatMap((file) => {
    if (file.startsWith('bench/peers/')) return []
    const parts = file.split('/')
    const name = parts.pop() ?? ''
    const stem = name.split('.')[0] ?? ''
    const findings: Finding[] = []
    const empty = [...parts, stem].find((part) => emptyNames.has(part))
    if (empty !== undefined) {
      const message = `${file}: "${empty}" does not say who owns what is in it`
      const fix = 'Name it after the idea, and put it where the owner of the invariant lives.'
      findings.push(findingAt('folderName', files.source(file), { message, fix }))
    }
    if (!kebab.test(name) && !customary.test(name)) {
      const message = `${file}: names are kebab-case`
      const fix = 'Rename it after its main export, in lower case with hyphens.'
      findings.push(findingAt('fileName', files.source(file), { message, fix }))
    }
    return findings
  })
}
