/** A process that consumes `orders.paid`: `<url> <application> <commit | hang>`. Writes the ids of each batch,
 *  a line as JSON: `given`, and `taken` when it was committed. */
import { createSystemClock } from '../../kernel/index.ts'
import { createRabbitmqTransport } from './index.ts'

const [url = '', application = '', how = ''] = process.argv.slice(2)
const transport = createRabbitmqTransport({ url, clock: createSystemClock(), settleMs: 0 })
await transport.open({
  application,
  topics: ['orders.paid'],
  consumers: [{ name: 'shipping', topics: ['orders.paid'] }],
})
await transport.consume('shipping', async (batch) => {
  const ids = batch.map(({ id }) => id)
  process.stdout.write(`${JSON.stringify({ given: ids })}\n`)
  if (how === 'hang') await new Promise(() => {})
  process.stdout.write(`${JSON.stringify({ taken: ids })}\n`)
})
