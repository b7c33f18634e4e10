const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** The text of each element of one name, in order. For the flat, generated documents of S3, which have no
 *  attributes, comments or sections there. Cost: one pass. */
export function textsOf(xml: string, name: string): string[] {
  const texts: string[] = []
  const open = `<${name}>`
  const close = `</${name}>`
  for (let at = xml.indexOf(open); at >= 0; ) {
    const end = xml.indexOf(close, at)
    if (end < 0) break
    texts.push(xml.slice(at + open.length, end))
    at = xml.indexOf(open, end)
  }
  return texts
}

/** The text of the first element of a name, entities resolved; empty when there is none. */
export function textOf(xml: string, name: string): string {
  const [text = ''] = textsOf(xml, name)
  return text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, named) => {
    if (named !== undefined) return entities[named] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
