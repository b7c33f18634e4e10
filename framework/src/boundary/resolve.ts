import { posix } from 'node:path'

/** The file that a relative import means, out of the files that exist; `undefined` for packages and
 *  for paths that lead nowhere (the compiler reports those).
 *  @param from  the importing file, with `/`, on the same base as `files`.
 */
export function resolveImport(
  from: string,
  specifier: string,
  files: ReadonlySet<string>,
): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = posix.normalize(posix.join(posix.dirname(from), specifier))
  const withoutJs = path.replace(/\.([mc]?)js$/, '.$1ts')
  const candidates = [path, withoutJs, `${path}.ts`, `${path}.tsx`, posix.join(path, 'index.ts')]
  return candidates.find((candidate) => files.has(candidate))
}
