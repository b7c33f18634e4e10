import type { ThreadTask } from 'banyan/threads'
import type { Invoice } from './invoice.ts'
import { printInvoice } from './invoice-pdf.ts'

/** Run in the threads of `invoicePrinters`. */
export const run: ThreadTask<Invoice, Uint8Array> = async (invoice, task) => {
  const printed = await printInvoice(invoice)
  task.transfer(printed.buffer)
  return printed
}
