import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles, repositoryRoot } from './repository.ts'
import { RepositoryFiles } from './tidy/files.ts'
import { generateTexts } from './tidy/generated.ts'

/** `npm run generate`: writes the committed texts that are made from the sources. */
function main(): void {
  const files = new RepositoryFiles(repositoryRoot, listFiles(repositoryRoot))
  for (const { file, text } of generateTexts(files)) {
    mkdirSync(join(repositoryRoot, dirname(file)), { recursive: true })
    writeFileSync(join(repositoryRoot, file), text)
    console.log(`wrote ${file}`)
  }
}

main()
