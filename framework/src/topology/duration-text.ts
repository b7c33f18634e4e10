/** Milliseconds as configuration spells them, exactly: `30s`, `1500ms`. */
export function durationText(durationMs: number): string {
  return durationMs % 1_000 === 0 ? `${durationMs / 1_000}s` : `${durationMs}ms`
}
