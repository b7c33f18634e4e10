import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { anchorsOf, codePathsOf, linksOf } from './markdown.ts'

/** Something wrong in a document. */
export interface DocProblem {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** Paths of this repository in inline code, `tools/check.ts`, that lead to no file. Patterns with stars
 *  and placeholders are left alone. */
export function checkPaths(root: string, file: string, markdown: string): DocProblem[] {
  return codePathsOf(markdown).flatMap(({ line, target }) =>
    existsSync(join(root, target)) ? [] : [{ file, line, message: `there is no file ${target}` }],
  )
}

/** Relative links that lead to no file, or to no heading of a file. Links to other hosts are not followed:
 *  a check that depends on the network fails for reasons that are not ours. */
export function checkLinks(root: string, file: string, markdown: string): DocProblem[] {
  return linksOf(markdown).flatMap(({ line, target }) => {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return []
    const [path = '', anchor] = decodeURI(target).split('#')
    const aim = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path))
    if (aim.startsWith('..') || !existsSync(join(root, aim))) {
      return [{ file, line, message: `the link "${target}" leads to no file` }]
    }
    if (anchor === undefined || !aim.endsWith('.md')) return []
    if (anchorsOf(readFileSync(join(root, aim), 'utf8')).has(anchor)) return []
    return [{ file, line, message: `the link "${target}" leads to no heading` }]
  })
}
