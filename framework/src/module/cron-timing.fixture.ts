/** How a clock on the wall reads there: minutes since midnight, and the day. */
function wallOf(calendar: Intl.DateTimeFormat, ms: number): { day: string; minute: number } {
  const parts = new Map(
    calendar.formatToParts(new Date(ms)).map(({ type, value }) => [type, value]),
  )
  const day = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

/** What fires in a span, found without a cron library by walking over each of its minutes with Intl.
 *  @param isDue  whether a minute of the day is meant; said times are made up for after a gap and
 *    fire at their first coming, others follow elapsed time */
export function walkTicks(
  span: { readonly fromMs: number; readonly toMs: number; readonly timeZone: string },
  isDue: (minute: number) => boolean,
  kind: 'said' | 'elapsed',
): readonly number[] {
  const { fromMs, toMs, timeZone } = span
  const calendar = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  const ticks: number[] = []
  const fired = new Set<string>()
  let before = wallOf(calendar, fromMs)
  for (let ms = fromMs + 60_000; ms <= toMs; ms += 60_000) {
    const wall = wallOf(calendar, ms)
    const seen =
      kind === 'elapsed' || wall.day !== before.day || wall.minute <= before.minute
        ? [wall.minute]
        : Array.from({ length: wall.minute - before.minute }, (_, n) => before.minute + 1 + n)
    const due = seen.filter(isDue).filter((minute) => !fired.has(`${wall.day} ${minute}`))
    if (kind === 'said') for (const minute of due) fired.add(`${wall.day} ${minute}`)
    if (due.length > 0) ticks.push(ms)
    before = wall
  }
  return ticks
}
