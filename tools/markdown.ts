/** One fenced block of a markdown file. */
export interface Fence {
  /** The line of its first content line, from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** The words of `<!-- snippet: … -->` right above it. */
  readonly marks: readonly string[]
}

export interface Link {
  readonly line: number
  readonly target: string
}

const opening = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/
const marker = /^\s*<!--\s*snippet:\s*(.*?)\s*-->\s*$/

/** The fenced blocks of a markdown text, in order. A block that is never closed ends with the text. */
export function fencesOf(markdown: string): Fence[] {
  const lines = markdown.split('\n')
  const fences: Fence[] = []
  let marks: readonly string[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const open = opening.exec(line)
    if (open === null) {
      const mark = marker.exec(line)?.[1]
      if (mark !== undefined) marks = mark.split(/\s+/)
      else if (line.trim() !== '') marks = []
      continue
    }
    const [, indent = '', fence = '', language = ''] = open
    const isEnd = (text: string | undefined): boolean =>
      text === undefined ||
      (text.trim().startsWith(fence) && text.trim().replaceAll(fence[0] ?? '', '') === '')
    const start = index + 1
    index++
    while (!isEnd(lines[index])) index++
    const content = lines.slice(start, index).map((text) => removePrefix(text, indent))
    fences.push({ line: start + 1, language, text: content.join('\n'), marks })
    marks = []
  }
  return fences
}

function removePrefix(text: string, indent: string): string {
  return text.startsWith(indent) ? text.slice(indent.length) : text.trimStart()
}

/** The text without its fenced blocks and comments, line by line where it was. */
function unfencedOf(markdown: string): string[] {
  const lines = markdown
    .replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .split('\n')
  for (const { line, text } of fencesOf(markdown)) {
    const count = text.split('\n').length
    for (let index = line - 2; index < line + count; index++) lines[index] = ''
  }
  return lines
}

/** Links and images, `[text](target)` and `[name]: target`, outside of code. */
export function linksOf(markdown: string): Link[] {
  return unfencedOf(markdown).flatMap((line, index) => {
    const text = line.replaceAll(/`[^`]*`/g, '')
    const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
    const named = [...text.matchAll(/^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/g)]
    return [...inline, ...named].map((match) => ({ line: index + 1, target: match[1] ?? '' }))
  })
}

/** Paths of source files in inline code. */
export function codePathsOf(markdown: string): Link[] {
  const path = /`((?:framework|shop|bench|tools|docs|\.ci)\/[\w./-]+\.(?:ts|md|json|sql|txt))`/g
  return unfencedOf(markdown).flatMap((text, index) =>
    [...text.matchAll(path)].map((match) => ({ line: index + 1, target: match[1] ?? '' })),
  )
}

/** The anchors that headings give rise to, formed as GitHub forms them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  const headings = markdown.split('\n')
  const fenced = new Set<number>()
  for (const { line, text } of fencesOf(markdown)) {
    for (let index = 0; index < text.split('\n').length; index++) fenced.add(line + index)
  }
  for (const [index, line] of headings.entries()) {
    const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (title === undefined || fenced.has(index + 1)) continue
    anchors.add(uniqueAnchor(anchorOf(title), anchors))
  }
  return anchors
}

function anchorOf(title: string): string {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

function uniqueAnchor(anchor: string, taken: ReadonlySet<string>): string {
  let unique = anchor
  for (let count = 1; taken.has(unique); count++) unique = `${anchor}-${count}`
  return unique
}
