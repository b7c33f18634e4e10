// graphile-worker, tuned: a local queue, completions in batches, a quick fetch when it is woken.
import { makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'

const logger = { error() {}, warn() {}, info() {}, debug() {}, scope: () => logger }

export async function open({ postgresUrl }) {
  const pgPool = new pg.Pool({ connectionString: postgresUrl, max: 20 })
  const utils = await makeWorkerUtils({ pgPool, logger })
  await utils.migrate()
  let runner
  return {
    add: (atMs) => utils.addJob('trivial', { atMs }),
    async addMany(count) {
      for (let left = count; left > 0; left -= 1_000) {
        const jobs = Array.from({ length: Math.min(1_000, left) }, () => ({
          identifier: 'trivial',
          payload: { atMs: 0 },
        }))
        await utils.addJobs(jobs)
      }
    },
    async work(done) {
      runner = await run({
        pgPool,
        logger,
        noHandleSignals: true,
        taskList: { trivial: async ({ atMs }) => done(atMs) },
        preset: {
          worker: {
            concurrentJobs: 24,
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
            localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
          },
        },
      })
    },
    async clear() {
      await runner?.stop()
      runner = undefined
      await pgPool.query('delete from graphile_worker._private_jobs')
    },
    async close() {
      await runner?.stop()
      await utils.release()
      await pgPool.end()
    },
  }
}
