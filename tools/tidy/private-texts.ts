import type { Finding } from './finding.ts'
import { findingAt } from './finding.ts'
import type { RepositoryFiles } from './files.ts'

// Put together from pieces, so that this file does not contain what it forbids.
const folders = [
  ['ro', 'ot'],
  ['wo', 'rk'],
  ['ho', 'me'],
  ['Us', 'ers'],
].map((p) => p.join(''))
const machinePath = new RegExp(`(?<![\\w.@:/-])/(?:${folders.join('|')})/[\\w.-]+`, 'g')
const registryHost = new RegExp(
  `\\bhttps?://[\\w.-]*(?:${['regi', 'stry'].join('')}|npmjs|artifactory|nexus)[\\w.-]*`,
  'g',
)
const isBinary = /\.(?:png|jpe?g|gif|ico|woff2?|gz|zip|pdf)$/

/** Paths of somebody's machine and hosts of package registries, in any text of the repository. */
export function checkPrivateTexts(files: RepositoryFiles): Finding[] {
  return files.all
    .filter((file) => !isBinary.test(file))
    .flatMap((file) => {
      const source = files.source(file)
      return [...source.text.matchAll(machinePath), ...source.text.matchAll(registryHost)].map(
        (match) => {
          const span = { start: match.index, end: match.index + match[0].length }
          const message = `${file} names "${match[0]}"`
          const fix = 'Write a relative path, or leave the host to the configuration of npm.'
          return findingAt('textPrivate', source, { message, fix }, span)
        },
      )
    })
}
