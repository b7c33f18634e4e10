import { dataConstraintViolated, type StatementRunner } from '../../data/index.ts'
import { parkedCountText, parkedText, redriveText, walkText } from './operate-sql.ts'

/** How far a redrive has come. */
export interface RedriveProgress {
  /** Parked messages that were looked at. */
  readonly done: number
  /** Parked messages when it began. */
  readonly total: number
}

/** What a redrive of a whole queue did. */
export interface RedriveResult {
  readonly redriven: number
  /** Left parked: another one under the same unique text waits already, or somebody else has it. */
  readonly skipped: number
}

type Run = <Result>(work: (runner: StatementRunner) => Promise<Result>) => Promise<Result>

const batchMax = 500
const repeatsMax = 3

/** Redrives what is parked in one queue now, batch by batch, each in a transaction of its own. Positions
 *  only rise, so what is parked again meanwhile is not met twice. */
export async function redriveAll(
  run: Run,
  queue: string,
  options: {
    readonly progress?: (progress: RedriveProgress) => void
    readonly signal?: AbortSignal
  },
): Promise<RedriveResult> {
  const { rows } = await run((runner) => runner.run(parkedCountText, [queue]))
  const total = Number(rows[0]?.['count'])
  const last = BigInt(String(rows[0]?.['last']))
  let redriven = 0
  let done = 0
  let after = 0n
  while (options.signal?.aborted !== true) {
    const batch = await redriveBatch(run, { queue, after, last })
    if (batch.last === undefined) return { redriven, skipped: Math.max(0, total - redriven) }
    redriven += batch.redriven
    done += batch.seen
    after = batch.last
    options.progress?.({ done, total })
  }
  return { redriven, skipped: done - redriven }
}

interface Batch {
  readonly seen: number
  readonly redriven: number
  /** Undefined when there was nothing left. */
  readonly last: bigint | undefined
}

/** A job that is enqueued under the same unique text between the look and the change makes the change
 *  fail; the next look sees it. */
async function redriveBatch(
  run: Run,
  range: { readonly queue: string; readonly after: bigint; readonly last: bigint },
): Promise<Batch> {
  for (let repeat = 0; ; repeat++) {
    try {
      return await run((runner) => redriveOnce(runner, range))
    } catch (error) {
      if (!dataConstraintViolated.is(error) || repeat === repeatsMax) throw error
    }
  }
}

async function redriveOnce(
  runner: StatementRunner,
  { queue, after, last }: { readonly queue: string; readonly after: bigint; readonly last: bigint },
): Promise<Batch> {
  const walking = runner.run(walkText, [])
  const parking = runner.run(parkedText, [queue, after, last, batchMax])
  const [, parked] = await Promise.all([walking, parking])
  const positions = parked.rows.map((row) => row['position'] as bigint)
  if (positions.length === 0) return { seen: 0, redriven: 0, last: undefined }
  const { rows } = await runner.run(redriveText, [positions])
  return { seen: positions.length, redriven: rows.length, last: positions.at(-1) }
}
