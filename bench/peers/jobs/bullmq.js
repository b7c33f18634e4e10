// BullMQ on Redis; how durable is up to the server's appendfsync.
import { Queue, Worker } from 'bullmq'

export async function open({ redisPort }) {
  const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null }
  const name = 'trivial'
  const options = { removeOnComplete: true, removeOnFail: true }
  const queue = new Queue(name, { connection, defaultJobOptions: options })
  await queue.waitUntilReady()
  let worker
  return {
    add: (atMs) => queue.add('trivial', { atMs }),
    async addMany(count) {
      for (let left = count; left > 0; left -= 1_000) {
        const jobs = Array.from({ length: Math.min(1_000, left) }, () => ({
          name: 'trivial',
          data: { atMs: 0 },
        }))
        await queue.addBulk(jobs)
      }
    },
    async work(done) {
      worker = new Worker(name, async ({ data }) => done(data.atMs), {
        connection,
        concurrency: 200,
      })
      await worker.waitUntilReady()
    },
    async clear() {
      await worker?.close()
      worker = undefined
      await queue.obliterate({ force: true })
    },
    async close() {
      await worker?.close()
      await queue.close()
    },
  }
}
