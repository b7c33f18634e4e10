/** What operators get as JSON, on one line: positions as text, moments in ISO 8601. */
export function messageJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  )
}
