import type { ModuleDatabase } from '../data/index.ts'
import type { CarriedMessage, MessageHeaders } from './message.ts'
import type { PlatformContexts } from './platform-context.ts'
import { hear } from './saga/hear.ts'

/** Takes what was not heard before, in order; messages behind one with their key wait (state 3). */
const takeText = `
with given as (
  select *, row_number() over (partition by queue, key order by number) as turn
  from unnest($1::text[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[],
    $7::smallint[], $8::bigint[], $9::text[]) with ordinality
    as g (queue, id, version, key, payload, headers, rank, delay_ms, unique_text, number)),
heard as (
  insert into banyan_inbox (queue, id) select queue, id from given
  on conflict do nothing returning queue, id)
insert into banyan_message
  (id, queue, version, key, payload, headers, rank, unique_text, state, due_at)
select g.id, g.queue, g.version, g.key, g.payload, g.headers, g.rank, g.unique_text,
  case when g.delay_ms > 0 then 1
    when g.key is not null and (g.turn > 1 or exists (
      select from banyan_message e where e.queue = g.queue and e.key = g.key and e.state < 5)) then 3
    else 0 end,
  case when g.delay_ms > 0 then clock_timestamp() + g.delay_ms * interval '1 millisecond' end
from given g join heard h on h.queue = g.queue and h.id = g.id
order by g.number
on conflict (queue, unique_text) where unique_text is not null and state < 5 do nothing
returning position, state`

/** Those that wait for one that ended in the same moment. */
const unblockText = `
update banyan_message m set state = 0
where m.position = any($1::bigint[]) and m.state = 3 and not exists (
  select from banyan_message e
  where e.queue = m.queue and e.key = m.key and e.position < m.position and e.state < 5)`

const timeoutMs = 10_000
const noRows = { rows: [] as Record<string, unknown>[] }

/** The inbox of one module: what it hears, once each. */
export class Inbox {
  readonly module: string
  readonly #database: ModuleDatabase
  readonly #contexts: PlatformContexts
  readonly #queueOf: ReadonlyMap<string, string>
  readonly #awaited: ReadonlySet<string>
  readonly #remembers: boolean

  /** @param queueOf  topic → queue of this module
   *  @param awaited  topics that sagas of the module may wait for
   *  @param remembers  false only in negative controls of tests: then what comes again is taken again */
  constructor(options: {
    readonly module: string
    readonly database: ModuleDatabase
    readonly contexts: PlatformContexts
    readonly queueOf: ReadonlyMap<string, string>
    readonly awaited: ReadonlySet<string>
    readonly remembers: boolean
  }) {
    this.module = options.module
    this.#database = options.database
    this.#contexts = options.contexts
    this.#queueOf = options.queueOf
    this.#awaited = options.awaited
    this.#remembers = options.remembers
  }

  /** Takes a batch; resolves when it is committed. Topics that no queue of the module wants are left.
   *  Cost: 1 transaction, 2 when a key was busy. @throws DATA_UNAVAILABLE · DATA_OUTCOME_UNKNOWN · … */
  async take(batch: readonly CarriedMessage[]): Promise<void> {
    const once = new Map(batch.map((message) => [message.id, message]))
    const wanted = [...once.values()].flatMap((message) => {
      const queue = this.#queueOf.get(message.name)
      return queue === undefined ? [] : [{ ...message, queue, more: headersOf(message) }]
    })
    const awaited = [...once.values()].filter(({ name }) => this.#awaited.has(name))
    if (wanted.length + awaited.length === 0) return
    const values = [
      wanted.map(({ queue }) => queue),
      wanted.map(({ id }) => id),
      wanted.map(({ version }) => version),
      wanted.map(({ key }) => key ?? null),
      wanted.map(({ payload }) => payload),
      wanted.map(({ headers }) => headers),
      wanted.map(({ more }) => -(more.priority ?? 0)),
      wanted.map(({ more }) => more.delayMs ?? 0),
      wanted.map(({ more }) => more.unique ?? null),
    ]
    const rows = await this.#database.withRunner(
      this.#contexts.create(timeoutMs),
      async (runner) => {
        if (!this.#remembers) {
          await runner.run('delete from banyan_inbox where id = any($1::uuid[])', [values[1]])
        }
        const taken = wanted.length === 0 ? noRows : runner.run(takeText, values)
        const [{ rows }] = await Promise.all([taken, hear(runner, awaited)])
        return rows
      },
    )
    const blocked = rows.filter((row) => row['state'] === 3).map((row) => row['position'])
    if (blocked.length === 0) return
    await this.#database.withRunner(this.#contexts.create(timeoutMs), (runner) =>
      runner.run(unblockText, [blocked]),
    )
  }
}

function headersOf({ headers }: CarriedMessage): Partial<MessageHeaders> {
  try {
    return JSON.parse(headers) as Partial<MessageHeaders>
  } catch {
    return {}
  }
}
