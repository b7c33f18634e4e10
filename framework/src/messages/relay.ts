import type { ModuleDatabase, StatementResult } from '../data/index.ts'
import type { World } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { Doorbell } from './doorbell.ts'
import type { CarriedMessage } from './message.ts'
import type { PlatformContexts } from './platform-context.ts'
import type { Transport } from './port.ts'

export interface RelayOptions {
  readonly module: string
  readonly database: ModuleDatabase
  readonly contexts: PlatformContexts
  readonly transport: Transport
  readonly world: World
  readonly telemetry: Telemetry
  readonly holder: string
  readonly pollMs: number
}

const leaseMs = 5_000
const batchMax = 500
const timeoutMs = 10_000
const pauseMsMax = 5_000

/** Takes or extends the lease of the relay; no row while another process holds it. */
const leaseText = `
insert into banyan_lease as held (name, holder, epoch, expires_at)
values ('relay', $1, 1, clock_timestamp() + $2 * interval '1 millisecond')
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

const releaseText = `
update banyan_lease set expires_at = clock_timestamp() where name = 'relay' and holder = $1`

/** Carries what one module has said: reads its outbox in order, publishes, deletes. One process at a
 *  time; one that lost its lease may publish what it has read once more, which inboxes recognise. */
export class Relay {
  readonly #options: RelayOptions
  readonly #bell: Doorbell
  #isStopping = false
  #loop: Promise<void> | undefined
  #failures = 0

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

  /** Ends after the batch under way; lets another process be the relay at once. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#bell.ring()
    await this.#loop
    await this.#run(releaseText, [this.#options.holder]).catch(() => {})
  }

  async #work(): Promise<void> {
    const { module, pollMs, telemetry } = this.#options
    while (!this.#isStopping) {
      try {
        const carried = await this.#turn()
        this.#failures = 0
        if (carried < batchMax && !this.#isStopping) await this.#bell.wait(pollMs)
      } catch (error) {
        this.#failures++
        telemetry.logs.log('warn', { module, err: error }, 'events wait in the outbox')
        await this.#bell.wait(Math.min(pauseMsMax, 100 * 2 ** this.#failures))
      }
    }
  }

  /** @returns how many messages were carried */
  async #turn(): Promise<number> {
    const { transport, holder, world } = this.#options
    const read = await this.#read()
    if (read === undefined || read.batch.length === 0) return 0
    await world.faults.reach('messages.relay.publish.before')
    await transport.publish(read.batch)
    await world.faults.reach('messages.relay.publish.after')
    await this.#run(carriedText, [read.positions, holder, read.epoch])
    return read.batch.length
  }

  async #read(): Promise<
    | { readonly batch: CarriedMessage[]; readonly positions: unknown[]; readonly epoch: unknown }
    | undefined
  > {
    const { database, contexts, holder } = this.#options
    const [leased, read] = await database.withRunner(contexts.create(timeoutMs), (runner) =>
      Promise.all([runner.run(leaseText, [holder, leaseMs]), runner.run(readText, [batchMax])]),
    )
    const epoch = leased.rows[0]?.['epoch']
    if (epoch === undefined) return undefined
    const positions = read.rows.map((row) => row['position'])
    return { batch: read.rows.map(carriedOf), positions, epoch }
  }

  #run(text: string, values: readonly unknown[]): Promise<StatementResult> {
    const { database, contexts } = this.#options
    return database.withRunner(contexts.create(timeoutMs), (runner) => runner.run(text, values))
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
