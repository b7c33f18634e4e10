import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, repositoryRoot } from './repository.ts'
import { checkDocuments } from './snippet-check.ts'
import { shellCommands } from './snippet-files.ts'

const isDocument = (file: string): boolean => /^(?:[^/]+\.md|docs\/.*\.md)$/.test(file)

/** `npm run check docs`: every link, `ts` block and marked example of the documents.
 *  `node tools/snippets.ts --shell README.md`: the commands that its acceptance test runs, as JSON. */
async function main(args: readonly string[]): Promise<number> {
  if (args[0] === '--shell') {
    const text = readFileSync(join(repositoryRoot, args[1] ?? 'README.md'), 'utf8')
    console.log(JSON.stringify(shellCommands(text)))
    return 0
  }
  const documents = listFiles(repositoryRoot).filter(isDocument)
  const { problems, documentCount, snippetCount } = await checkDocuments(repositoryRoot, documents)
  for (const { file, line, message } of problems) console.log(`${file}:${line} ${message}\n`)
  console.log(`${documentCount} documents, ${snippetCount} snippets: ${problems.length} problems`)
  return problems.length === 0 && documentCount > 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
