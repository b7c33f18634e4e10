import assert from 'node:assert/strict'
import { createSeededRandom, createWorld, type Random, type World } from '../../kernel/index.ts'
import type { CarriedMessage } from '../../messages/index.ts'

const world: World = createWorld()

/** A message of a topic; its payload counts up, so that failures can be read. */
export function message(
  name: string,
  key: string | undefined,
  fields: Partial<CarriedMessage> = {},
): CarriedMessage {
  return {
    id: world.ids.next(),
    name,
    version: 1,
    key,
    payload: '{}',
    headers: '{}',
    ...fields,
  }
}

/** `count` messages of a topic, over `keys` keys in turn. */
export function messages(name: string, count: number, keys = 1): CarriedMessage[] {
  return Array.from({ length: count }, (_, index) =>
    message(name, `key-${index % keys}`, { payload: `{"number":${index}}` }),
  )
}

/** In batches of this size, in order. */
export function inBatches(
  all: readonly CarriedMessage[],
  size: number,
): (readonly CarriedMessage[])[] {
  const count = Math.ceil(all.length / size)
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size))
}

/** A repeatable sequence under a fresh seed, and the seed for the message of a failure. */
export function seeded(): { readonly random: Random; readonly seed: number } {
  const seed = Math.floor(world.random.fraction() * 2 ** 32)
  return { random: createSeededRandom(seed), seed }
}

/** Holds that what was taken is what was sent: the same fields, and nothing that was not sent. */
export function assertSame(
  taken: readonly CarriedMessage[],
  sent: readonly CarriedMessage[],
): void {
  const byId = new Map(sent.map((each) => [each.id, each]))
  for (const each of taken) {
    const original = byId.get(each.id)
    assert.ok(original !== undefined, `a message of ${each.name} arrived that was not meant`)
    assertEqual(each, original)
  }
}

/** Long payloads are compared, not printed. */
function assertEqual(taken: CarriedMessage, sent: CarriedMessage): void {
  for (const field of ['payload', 'headers', 'key'] as const) {
    const isEqual = taken[field] === sent[field]
    const shown = `${String(taken[field]).slice(0, 80)} instead of ${String(sent[field]).slice(0, 80)}`
    assert.ok(isEqual, `${field} of a message of ${sent.name} arrived as ${shown}`)
  }
  assert.deepEqual({ ...taken }, { ...sent })
}

/** Holds that messages of one topic with one key arrived for the first time in the order of their
 *  publication. Requires: all of them arrived. */
export function assertOrdered(
  taken: readonly CarriedMessage[],
  sent: readonly CarriedMessage[],
): void {
  const numberOf = new Map(sent.map(({ id }, index) => [id, index]))
  const seen = new Set<string>()
  const lasts = new Map<string, number>()
  for (const { id, name, key } of taken) {
    const number = numberOf.get(id)
    if (number === undefined || key === undefined || seen.has(id)) continue
    seen.add(id)
    const line = JSON.stringify([name, key])
    const last = lasts.get(line) ?? -1
    assert.ok(number > last, `${name} with key ${key}: number ${number} arrived after ${last}`)
    lasts.set(line, number)
  }
}
