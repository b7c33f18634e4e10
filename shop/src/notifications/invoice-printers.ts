import { createThreadPool, type ThreadPool } from 'banyan/threads'
import type { Invoice } from './invoice.ts'

/** Prints invoices beside the requests, two at a time. Starts no thread before the first invoice. */
export const invoicePrinters: ThreadPool<Invoice, Uint8Array> = createThreadPool({
  name: 'invoices',
  module: new URL('./invoice-worker.ts', import.meta.url),
  threads: 2,
  queueMax: 64,
  timeoutMs: 10_000,
  memoryMbMax: 128,
})
