/** A process that consumes: `<url> <application> <topic> <commit | hang>`. Writes the ids of each batch, a
 *  line as JSON: `given`, and `taken` when it was committed. */
import { createSystemClock } from '../../kernel/index.ts'
import { createNatsTransport } from './index.ts'

const [url = '', application = '', topic = '', how = ''] = process.argv.slice(2)
const transport = createNatsTransport({
  servers: [url],
  clock: createSystemClock(),
  acceptSyncInterval: true,
  leaseMs: 1_000,
})
await transport.open({
  application,
  topics: [topic],
  consumers: [{ name: 'shipping', topics: [topic] }],
})
await transport.consume('shipping', async (batch) => {
  const ids = batch.map(({ id }) => id)
  process.stdout.write(`${JSON.stringify({ given: ids })}\n`)
  if (how === 'hang') await new Promise(() => {})
  process.stdout.write(`${JSON.stringify({ taken: ids })}\n`)
})
