/** One line of a configuration: a keyword and its words. A word may hold any printable text; it is
 *  quoted where HAProxy would read more into it. */
export type Directive = readonly [keyword: string, ...words: readonly (string | number)[]]

/** A section such as `frontend public`, and its lines. */
export interface Section {
  readonly head: Directive
  readonly lines: readonly Directive[]
}

/** The text of a configuration; the only place that knows HAProxy's quoting.
 *  @param opening  Lines of a comment at the top, without `#`. */
export function printConfig(opening: readonly string[], sections: readonly Section[]): string {
  const comment = opening.map((line) => `# ${line}\n`).join('')
  const blocks = sections.map(({ head, lines }) =>
    [printLine(head), ...lines.map((line) => `  ${printLine(line)}`)].join('\n'),
  )
  return `${comment}\n${blocks.join('\n\n')}\n`
}

/** One line without its indentation. */
export function printLine(line: Directive): string {
  return line.map((word) => quoteWord(String(word))).join(' ')
}

const plain = /^[\w.,:;@%/()[\]{}^*+=<>!?&|~-]+$/

/** Single quotes take everything literally: no variable, no escape, no comment. */
function quoteWord(word: string): string {
  // A line break would begin another directive, and no quoting prevents it.
  if (/[\0\r\n]/.test(word)) throw new TypeError('a word of a configuration holds a line break')
  if (plain.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}
