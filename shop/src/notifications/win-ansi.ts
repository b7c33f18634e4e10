/** Characters of the standard PDF fonts (WinAnsi) that are not in Latin-1. */
const beyondLatin1 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'

/** Letters that are not a base letter with a mark. */
const plainLetters: Readonly<Record<string, string>> = {
  ...{ ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ı: 'i', ħ: 'h', Ħ: 'H', ẞ: 'SS' },
}

/** A text in the letters that the standard PDF fonts have. Other Latin letters lose their marks
 *  (`Łódź` → `Lódz`); what has no likeness, such as other scripts, becomes `?`. */
export function toWinAnsi(text: string): string {
  return Array.from(text.normalize('NFC'), plainOf).join('')
}

function plainOf(character: string): string {
  if (isWinAnsi(character)) return character
  const plain = plainLetters[character] ?? character.normalize('NFD').replaceAll(/\p{M}/gu, '')
  return plain !== '' && Array.from(plain).every(isWinAnsi) ? plain : '?'
}

function isWinAnsi(character: string): boolean {
  return /^[\x20-\x7e\xa0-\xff]$/.test(character) || beyondLatin1.includes(character)
}
