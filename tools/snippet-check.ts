import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { checkLinks, checkPaths, type DocProblem } from './links.ts'
import { runCommand } from './run-command.ts'
import { type SnippetFile, snippetsOf } from './snippet-files.ts'

const runTimeoutMs = 60_000
const typesTimeoutMs = 120_000

export interface DocsReport {
  readonly documentCount: number
  readonly snippetCount: number
  readonly problems: readonly DocProblem[]
}

/** Checks documents: links, types of all `ts` blocks, and what the marked ones do when they run.
 *  @param root  where the documents and `node_modules` are; snippets are written to `.cache/snippets` there.
 */
export async function checkDocuments(
  root: string,
  documents: readonly string[],
): Promise<DocsReport> {
  const read = documents.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
  const links = read.flatMap(({ file, text }) => [
    ...checkLinks(root, file, text),
    ...checkPaths(root, file, text),
  ])
  const found = read.map(({ file, text }) => snippetsOf(file, text))
  const files = found.flatMap((snippets) => snippets.files)
  const folder = writeSnippets(root, files)
  const types = await checkTypes(root, folder, files)
  const runs = await runSnippets(root, folder, files)
  const marks = found.flatMap((snippets) => snippets.problems)
  const problems = [...links, ...marks, ...types, ...runs]
  problems.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
  return { documentCount: documents.length, snippetCount: files.length, problems }
}

/** Not below node_modules: Node strips no types there. */
function writeSnippets(root: string, files: readonly SnippetFile[]): string {
  const folder = join(root, '.cache/snippets')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  const compilerOptions = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false }
  const config = { extends: '../../tsconfig.base.json', compilerOptions, include: ['**/*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  return folder
}

async function checkTypes(
  root: string,
  folder: string,
  files: readonly SnippetFile[],
): Promise<DocProblem[]> {
  if (files.length === 0) return []
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const args = [compiler, '-p', folder, '--pretty', 'false']
  const result = await runCommand(process.execPath, args, {
    cwd: folder,
    timeoutMs: typesTimeoutMs,
  })
  if (result.code === 0) return []
  const problems = result.output.split('\n').flatMap((line) => typeProblem(line, files))
  if (problems.length > 0) return problems
  return [{ file: '.cache/snippets', line: 1, message: `tsc failed: ${result.output.trim()}` }]
}

function typeProblem(line: string, files: readonly SnippetFile[]): DocProblem[] {
  const match = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(line)
  if (match === null) return []
  const [, path = '', number = '', message = ''] = match
  const snippet = files.find((file) => file.path === posix.normalize(path))
  const file = snippet?.document ?? path
  return [{ file, line: Number(number), message }]
}

async function runSnippets(
  root: string,
  folder: string,
  files: readonly SnippetFile[],
): Promise<DocProblem[]> {
  const problems: DocProblem[] = []
  for (const { document, path, runs, output, line } of files) {
    if (!runs) continue
    const args = [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      join(folder, path),
    ]
    const result = await runCommand(process.execPath, args, { cwd: root, timeoutMs: runTimeoutMs })
    const printed = result.output.trim()
    if (result.code !== 0) {
      const end = result.timedOut ? `after ${runTimeoutMs} ms` : `with code ${result.code}`
      problems.push({ file: document, line, message: `the snippet ended ${end}:\n${printed}` })
    } else if (output !== undefined && output !== printed) {
      const message = `the snippet printed\n${printed}\ninstead of\n${output}`
      problems.push({ file: document, line, message })
    }
  }
  return problems
}
