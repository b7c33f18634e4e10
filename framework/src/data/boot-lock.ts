import type { Clock } from '../kernel/index.ts'
import { runScript } from './ask.ts'
import { dataMigrationLockBusy } from './boot-errors.ts'
import type { Connection, DatabaseServer } from './port.ts'

/** "banyan" in ASCII. */
const lockKey = 0x62616e79616e
/** Sent as a script: the portal of a prepared statement would keep its snapshot until the transaction
 *  ends, and CREATE INDEX CONCURRENTLY waits for snapshots too. */
const tryLockText = `select pg_try_advisory_xact_lock(${lockKey}) as held`
const pollMs = 40
const waitMsMax = 600_000

/** Runs `work` while no other instance prepares the same database.
 *
 *  The lock belongs to a transaction (a pooler may hand sessions around) on a connection of its own.
 *  It is polled, not awaited: CREATE INDEX CONCURRENTLY waits for every running statement, also for
 *  one that waits for this lock, and the two would wait for each other for ever.
 *  @throws DATA_MIGRATION_LOCK_BUSY after ten minutes */
export async function withBootLock<Value>(
  server: DatabaseServer,
  clock: Clock,
  work: () => Promise<Value>,
): Promise<Value> {
  const holder = await server.connect()
  try {
    await runScript(holder, 'begin; set local idle_in_transaction_session_timeout = 0')
    await acquire(holder, clock)
    return await work()
  } finally {
    await runScript(holder, 'rollback').catch(() => {})
    await holder.close()
  }
}

/** Requires: a transaction is open on `holder`. */
async function acquire(holder: Connection, clock: Clock): Promise<void> {
  const sinceMs = clock.monotonicMs()
  for (;;) {
    const { rows } = await runScript(holder, tryLockText)
    if (rows[0]?.['held'] === true) return
    const waitedMs = clock.monotonicMs() - sinceMs
    if (waitedMs > waitMsMax) throw dataMigrationLockBusy({ waitedMs: waitMsMax })
    await new Promise<void>((resolve) => clock.after(pollMs, resolve))
  }
}
