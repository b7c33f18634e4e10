/** A line without what a terminal would obey: messages and mails hold what others wrote. */
export function printable(line: string): string {
  return line.replaceAll(/\p{Cc}+/gu, ' ')
}
