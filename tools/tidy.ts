import { renderViolation } from '../framework/src/boundary/index.ts'
import { listFiles, repositoryRoot } from './repository.ts'
import { checkTidy } from './tidy/tidy.ts'

const filesMin = 60

/** `npm run check tidy`: the style guide as a test. */
function main(): number {
  const { fileCount, findings } = checkTidy(repositoryRoot, listFiles(repositoryRoot), { filesMin })
  for (const { violation } of findings) console.log(`${renderViolation(violation)}\n`)
  console.log(`${fileCount} files: ${findings.length} findings`)
  return findings.length === 0 ? 0 : 1
}

process.exitCode = main()
