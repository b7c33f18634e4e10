import type { TableReader, TableWriter } from 'banyan/data'
import type { Clock, Ids } from 'banyan/kernel'
import { equalMoney } from '../money/index.ts'
import { type EntryKey, ledger, type Posting } from './contract.ts'
import type { LedgerRows } from './rows.ts'

/** Books an entry, once per `(source, reference)`.
 *  @throws LEDGER_ENTRY_UNBALANCED · LEDGER_ENTRY_DIFFERS */
export async function post(
  tx: TableWriter<LedgerRows>,
  world: { readonly clock: Clock; readonly ids: Ids },
  { source, reference, postings }: EntryKey & { readonly postings: readonly Posting[] },
): Promise<{ entryId: string }> {
  if (!isBalanced(postings)) throw ledger.failures.entryUnbalanced({ source, reference })
  const id = world.ids.next()
  const booked = await tx
    .insertInto('entry')
    .values({ id, source, reference, at: new Date(world.clock.nowMs()) })
    .onConflict((conflict) => conflict.columns(['source', 'reference']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (booked === undefined) return assertSame(tx, { source, reference }, postings)
  const rows = postings.map(({ account, amount }, line) => ({
    entry_id: id,
    line,
    account,
    amount_minor: amount.amountMinor,
    currency: amount.currency,
  }))
  await tx.insertInto('posting').values(rows).execute()
  return { entryId: id }
}

/** Whether postings sum to zero in each currency. The database checks it again at commit. */
export function isBalanced(postings: readonly Posting[]): boolean {
  const sums = new Map<string, bigint>()
  for (const { amount } of postings) {
    sums.set(amount.currency, (sums.get(amount.currency) ?? 0n) + amount.amountMinor)
  }
  return [...sums.values()].every((sum) => sum === 0n)
}

/** An entry with its postings, or undefined. */
export async function findEntry(
  db: Pick<TableReader<LedgerRows>, 'selectFrom'>,
  { source, reference }: EntryKey,
): Promise<{ entryId: string; postings: Posting[] } | undefined> {
  const rows = await db
    .selectFrom('entry')
    .innerJoin('posting', 'posting.entry_id', 'entry.id')
    .select(['entry.id', 'posting.account', 'posting.amount_minor', 'posting.currency'])
    .where('entry.source', '=', source)
    .where('entry.reference', '=', reference)
    .orderBy('posting.line')
    .execute()
  const [first] = rows
  if (first === undefined) return undefined
  const postings = rows.map(({ account, amount_minor, currency }) => ({
    account,
    amount: { amountMinor: amount_minor, currency },
  }))
  return { entryId: first.id, postings }
}

async function assertSame(
  tx: TableWriter<LedgerRows>,
  key: EntryKey,
  postings: readonly Posting[],
): Promise<{ entryId: string }> {
  const found = await findEntry(tx, key)
  const isSame =
    found?.postings.length === postings.length &&
    found.postings.every(({ account, amount }, line) => {
      const other = postings[line]
      return other?.account === account && equalMoney(other.amount, amount)
    })
  if (found === undefined || !isSame) throw ledger.failures.entryDiffers(key)
  return { entryId: found.entryId }
}
