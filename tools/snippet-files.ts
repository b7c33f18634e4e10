import { posix } from 'node:path'
import type { DocProblem } from './links.ts'
import { type Fence, fencesOf } from './markdown.ts'

/** A source file made from the blocks of one document. Each block stands on the lines that it has in the
 *  document, so that what the compiler says about a line is true of the document. */
export interface SnippetFile {
  readonly document: string
  /** Relative to the folder of all snippets. */
  readonly path: string
  readonly text: string
  readonly runs: boolean
  /** What it must print when it runs; `undefined` when the document does not show it. */
  readonly output: string | undefined
  /** The line of its first block. */
  readonly line: number
}

export interface Snippets {
  readonly files: readonly SnippetFile[]
  readonly problems: readonly DocProblem[]
}

interface Draft {
  readonly path: string
  readonly blocks: Fence[]
  runs: boolean
  output: string | undefined
}

/** Sorts the blocks of a document into source files. Marks, in `<!-- snippet: … -->` above a block:
 *  `file=<path>` the block is this file, which other blocks of the document import by relative path ·
 *  `continue` it goes on where the block before stopped · `run` it is executed as well ·
 *  `output` the block is what the one before prints · `skip <reason>` it is not checked ·
 *  `shell` a block of commands for the acceptance test (see `shellCommands`). */
export function snippetsOf(document: string, markdown: string): Snippets {
  const drafts: Draft[] = []
  const problems: DocProblem[] = []
  const folder = document.replaceAll(/[^\w]+/g, '-')
  for (const fence of fencesOf(markdown)) {
    const message = placeFence(fence, folder, drafts)
    if (message !== undefined) problems.push({ file: document, line: fence.line, message })
  }
  return { files: drafts.map((draft) => fileOf(document, draft)), problems }
}

const known = /^(?:file=\S+|continue|run|output|shell)$/

/** @returns what is wrong with the block's marks. */
function placeFence(fence: Fence, folder: string, drafts: Draft[]): string | undefined {
  const { language, marks } = fence
  if (marks[0] === 'skip') return marks.length > 1 ? undefined : 'a skipped snippet needs a reason'
  const unknown = marks.find((mark) => !known.test(mark))
  if (unknown !== undefined) return `"${unknown}" is no mark of snippets`
  const last = drafts.at(-1)
  if (marks.includes('output')) {
    if (last?.runs !== true) return 'an output belongs below a snippet that runs'
    last.output = fence.text.trim()
    return undefined
  }
  if (language !== 'ts' && language !== 'typescript') return undefined
  if (marks.includes('continue')) {
    if (last === undefined) return 'there is no snippet to continue'
    last.blocks.push(fence)
    last.runs ||= marks.includes('run')
    return undefined
  }
  const named = marks.find((mark) => mark.startsWith('file='))?.slice('file='.length)
  const path = posix.normalize(posix.join(folder, named ?? `line-${fence.line}.ts`))
  if (!path.startsWith(`${folder}/`)) return 'a snippet’s file lies inside its document’s folder'
  if (drafts.some((draft) => draft.path === path)) return `${named} is already given; continue it`
  drafts.push({ path, blocks: [fence], runs: marks.includes('run'), output: undefined })
  return undefined
}

function fileOf(document: string, { path, blocks, runs, output }: Draft): SnippetFile {
  let text = ''
  let line = 1
  for (const block of blocks) {
    text += '\n'.repeat(Math.max(0, block.line - line)) + block.text
    line = block.line + block.text.split('\n').length - 1
  }
  // Without an import or export it would be a script that shares its names with all others.
  return { document, path, text: `${text}\nexport {}\n`, runs, output, line: blocks[0]?.line ?? 1 }
}

/** A block of commands that a reader types, in the order of the document. */
export interface ShellBlock {
  readonly line: number
  readonly text: string
}

/** The `sh` blocks marked `<!-- snippet: shell -->`: what the README's acceptance test runs. */
export function shellCommands(markdown: string): ShellBlock[] {
  return fencesOf(markdown)
    .filter(
      ({ language, marks }) =>
        /^(?:sh|bash|shell|console)$/.test(language) && marks.includes('shell'),
    )
    .map(({ line, text }) => ({ line, text }))
}
