import type { ModuleDatabase, Statement, StatementResult } from '../data/index.ts'
import type { World } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { Doorbell } from './doorbell.ts'
import type { CarriedMessage } from './message.ts'
import type { PlatformContexts } from './platform-context.ts'
import type { Transport } from './port.ts'
import { walkText } from './store-sql.ts'
import { within } from './within.ts'

export interface RelayOptions {
  readonly module: string
  readonly database: ModuleDatabase
  readonly contexts: PlatformContexts
  readonly transport: Transport
  readonly world: World
  readonly telemetry: Telemetry
  readonly holder: string
  readonly pollMs: number
  /** Whether other processes are heard when they have published. */
  readonly isAnnounced: () => boolean
}

const walk: Statement = { text: walkText, values: [] }
const leaseMs = 5_000
const batchMax = 500
const timeoutMs = 10_000
const pauseMsMax = 5_000
/** Pause before the next look while another process is the relay; it doubles up to `pollMs`. */
const busyMs = 10

/** Takes or extends the lease of the relay, if there is anything to carry; no row while another process
 *  holds it. An idle relay writes nothing. */
const leaseText = `
insert into banyan_lease as held (name, holder, epoch, expires_at)
select 'relay', $1, 1, clock_timestamp() + $2 * interval '1 millisecond'
where exists (select from banyan_outbox)
on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
  epoch = case when held.holder = excluded.holder then held.epoch else held.epoch + 1 end
where held.holder = excluded.holder or held.expires_at < clock_timestamp()
returning epoch`

const readText = `
select position, id, name, version, key, payload, headers from banyan_outbox
order by position limit $1`

/** What was carried leaves, unless another process has become the relay meanwhile. */
const carriedText = `
delete from banyan_outbox where position = any($1::bigint[])
and exists (select from banyan_lease where name = 'relay' and holder = $2 and epoch = $3)`

/** Lets any process be the relay at once. */
const releaseText = `
update banyan_lease set expires_at = clock_timestamp() where name = 'relay' and holder = $1`

/** Carries what one module has said: reads its outbox in order, publishes, deletes. One process at a
 *  time, whichever comes first while there is something to carry; one that lost its lease may publish
 *  what it has read once more, which inboxes recognise. */
export class Relay {
  readonly #options: RelayOptions
  readonly #bell: Doorbell
  #isStopping = false
  #loop: Promise<void> | undefined
  #failures = 0
  /** Looks in a row that found another process at it. */
  #refusals = 0

  constructor(options: RelayOptions) {
    this.#options = options
    this.#bell = new Doorbell(options.world.clock)
  }

  start(): void {
    this.#loop ??= this.#work()
  }

  /** Something was published. */
  wake(): void {
    this.#bell.ring()
  }

  /** Ends after the batch under way, at most after `deadlineMs`; never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true
    this.#bell.ring()
    await within(this.#options.world.clock, deadlineMs, this.#loop ?? Promise.resolve())
  }

  async #work(): Promise<void> {
    const { module, telemetry } = this.#options
    while (!this.#isStopping) {
      try {
        const carried = await this.#turn()
        this.#failures = 0
        if (carried === batchMax || this.#isStopping) continue
        await this.#bell.wait(this.#restMs())
      } catch (error) {
        this.#failures++
        telemetry.logs.log('warn', { module, err: error }, 'events wait in the outbox')
        if (this.#isStopping) return
        await this.#bell.wait(Math.min(pauseMsMax, 100 * 2 ** Math.min(10, this.#failures)))
      }
    }
  }

  #restMs(): number {
    const { pollMs, isAnnounced } = this.#options
    if (this.#refusals > 0) return Math.min(pollMs, busyMs * 2 ** Math.min(10, this.#refusals - 1))
    return isAnnounced() ? pollMs * 5 : pollMs
  }

  /** @returns how many messages were carried */
  async #turn(): Promise<number> {
    const { transport, holder, world } = this.#options
    const { batch, positions, epoch } = await this.#read()
    this.#refusals = batch.length > 0 && epoch === undefined ? this.#refusals + 1 : 0
    if (batch.length === 0 || epoch === undefined) return 0
    await world.faults.reach('messages.relay.publish.before')
    await transport.publish(batch)
    await world.faults.reach('messages.relay.publish.after')
    const carried = { text: carriedText, values: [positions, holder, epoch] }
    const release = { text: releaseText, values: [holder] }
    const isLast = batch.length < batchMax || this.#isStopping
    await this.#runAll(isLast ? [walk, carried, release] : [walk, carried])
    return batch.length
  }

  async #read(): Promise<{
    readonly batch: readonly CarriedMessage[]
    readonly positions: readonly unknown[]
    readonly epoch: unknown
  }> {
    const { holder } = this.#options
    const [, leased, read] = await this.#runAll([
      walk,
      { text: leaseText, values: [holder, leaseMs] },
      { text: readText, values: [batchMax] },
    ])
    const rows = read?.rows ?? []
    const positions = rows.map((row) => row['position'])
    return { batch: rows.map(carriedOf), positions, epoch: leased?.rows[0]?.['epoch'] }
  }

  #runAll(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    const { database, contexts } = this.#options
    return database.runAll(contexts.create(timeoutMs), statements)
  }
}

function carriedOf(row: Record<string, unknown>): CarriedMessage {
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    version: row['version'] as number,
    key: (row['key'] as string | null) ?? undefined,
    payload: row['payload'] as string,
    headers: row['headers'] as string,
  }
}
