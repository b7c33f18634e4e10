import { decodeRecord } from '../../data/index.ts'
import type { Event, NamedEvent } from '../../contract/index.ts'
import { createSeededRandom, FakeClock } from '../../kernel/index.ts'
import type { Module } from '../../module/index.ts'
import { compileSchema } from '../../schema/index.ts'
import { type Queue, queuesOf, runOf } from '../queue.ts'
import { messagesHistoryDiverged } from './errors.ts'
import type { AskedBefore, SagaHistory } from './saga-history.ts'

/** Turns of the event loop without anything asked after which the code has come as far as it can. */
const quietTurns = 20

/** Runs the code that a module has now through a recorded history: what the saga asks for is answered as it
 *  was, no step is run, nothing is written. So a change of code is tried on the sagas that are under way
 *  before it meets them.
 *  @param options.context  what the code reaches outside of steps, such as `{ call: { … } }`; it has a clock,
 *    randomness, a log and its message without
 *  @throws MESSAGES_HISTORY_DIVERGED when a step of the history is not asked for, or not in its order, or
 *    the code ends in an error where it ended well */
export async function replayHistory(
  module: Module,
  history: SagaHistory,
  options: { readonly context?: object } = {},
): Promise<void> {
  const queue = queuesOf(module).find(({ id }) => id === history.queue)
  const run = queue === undefined ? undefined : runOf(queue, history.version)
  const diverged = (reason: string): Error =>
    messagesHistoryDiverged({ queue: history.queue, reason })
  if (queue === undefined || run === undefined) {
    throw diverged(`the module has no code for its version ${history.version}`)
  }
  const input = queue.payload.decode(history.input)
  if (!input.ok) throw diverged('its input is not what the job takes any more')
  const replay = new Replay(history, options.context ?? {})
  const error = await replay.run(() => run(input.value, replay.contextOf(queue)))
  const reason = replay.difference() ?? (history.isDone && error !== undefined ? error : undefined)
  if (reason !== undefined) throw diverged(reason)
}

class Replay {
  readonly #history: SagaHistory
  readonly #records: ReadonlyMap<string, AskedBefore>
  readonly #given: object
  readonly #asked: string[] = []
  #wrong: string | undefined

  constructor(history: SagaHistory, given: object) {
    this.#history = history
    this.#given = given
    this.#records = new Map(history.asked.map((asked) => [asked.name, asked]))
  }

  /** @returns how the code ended, if in an error; resolves when it can go no further */
  async run(code: () => Promise<unknown>): Promise<string | undefined> {
    let error: string | undefined
    let isEnded = false
    const ended = (): void => void (isEnded = true)
    Promise.resolve()
      .then(code)
      .catch((thrown: unknown) => (error = `it ends in an error: ${String(thrown)}`))
      .then(ended, ended)
    for (let quiet = 0, before = 0; !isEnded && quiet < quietTurns; quiet++) {
      await new Promise<void>((resolve) => void setImmediate(resolve))
      if (this.#asked.length !== before) quiet = 0
      before = this.#asked.length
    }
    return error
  }

  /** How what was asked for differs from the history, if it does. */
  difference(): string | undefined {
    if (this.#wrong !== undefined) return this.#wrong
    const asked = this.#asked.filter((name) => this.#records.has(name))
    for (const [index, { name }] of this.#history.asked.entries()) {
      const found = asked[index]
      if (found === undefined) return `it does not ask for "${name}"`
      if (found !== name) return `it asks for "${found}" where the history has "${name}"`
    }
    return undefined
  }

  contextOf(queue: Queue): object {
    const clock = new FakeClock()
    const { id, version } = this.#history
    const own = {
      message: { id, name: queue.topic, version, key: undefined, attempt: 1, createdAtMs: 0 },
      ...{ idempotencyKey: id, remainingMs: queue.timeoutMs, config: {}, clock },
      ...{ random: createSeededRandom(1), signal: new AbortController().signal },
      ...{ log: silence, progress: ignore, faultPoint: async () => {} },
      step: (name: string) => this.#answer(name, 'step', decodeRecord),
      sleep: (name: string) => this.#answer(name, 'sleep', () => undefined),
      waitFor: (name: string, event: NamedEvent<Event>) =>
        this.#answer(name, 'wait', (text) => decodedBy(event, text)),
      ...this.#given,
    }
    return new Proxy(own, {
      get: (target, property) => {
        if (Reflect.has(target, property)) return Reflect.get(target, property)
        if (typeof property === 'symbol') return undefined
        throw new Error(`ctx.${property} is reached outside of a step; give it as context`)
      },
    })
  }

  /** What is not on record, or not over, is never answered: so far the history goes. */
  async #answer(
    name: string,
    kind: AskedBefore['kind'],
    read: (answer: string) => unknown,
  ): Promise<unknown> {
    this.#asked.push(name)
    const record = this.#records.get(name)
    if (record !== undefined && record.kind !== kind) {
      this.#wrong ??= `it asks for "${name}" as a ${kind}; the history has a ${record.kind}`
    }
    if (record?.kind !== kind || !record.isOver) return new Promise<never>(() => {})
    return record.answer === null ? undefined : read(record.answer)
  }
}

function decodedBy({ payload }: NamedEvent<Event>, text: string): unknown {
  const read = compileSchema(payload).decode(JSON.parse(text))
  if (!read.ok) throw new Error('what was heard is not what its event declares')
  return read.value
}

const ignore = (): void => {}
const silence = { debug: ignore, info: ignore, warn: ignore, error: ignore }
