import type { JetStreamManager } from '@nats-io/jetstream'

/** Whether the stream has no message of a subject between two places but these.
 *  @param held  Places in the stream, ascending; from `after` to the last of them is looked at.
 *  Cost: a request for each pair that is not adjacent, all at once. */
export async function hasNoOther(
  manager: JetStreamManager,
  place: { readonly stream: string; readonly subject: string; readonly after: number },
  held: readonly number[],
): Promise<boolean> {
  const gaps = held.flatMap((to, index) => {
    const from = (held[index - 1] ?? place.after) + 1
    return from >= to ? [] : [{ from, to }]
  })
  const answers = await Promise.all(
    gaps.map(async ({ from, to }) => {
      const query = { seq: from, next_by_subj: place.subject }
      const found = await manager.streams.getMessage(place.stream, query)
      return found === null || found.seq >= to
    }),
  )
  return answers.every(Boolean)
}
