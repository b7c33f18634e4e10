import type { Inbox } from './inbox.ts'
import type { CarriedMessage } from './message.ts'
import type { Consumption, Transport } from './port.ts'

/** The transport that needs no broker: a batch is handed to the inboxes of its consumers, in PostgreSQL.
 *  Delivery is done when `publish` resolves, so nothing is consumed.
 *  @param inboxes  of all modules that subscribe to anything, wherever they are hosted
 *  @param delivered  told of the modules that have something to do */
export function createDirectTransport(
  inboxes: readonly { readonly inbox: Inbox; readonly topics: ReadonlySet<string> }[],
  delivered: (modules: readonly string[]) => void,
): Transport {
  return {
    engine: 'postgres',
    async open() {},
    async publish(batch: readonly CarriedMessage[]) {
      const concerned = inboxes.filter(({ topics }) => batch.some(({ name }) => topics.has(name)))
      await Promise.all(concerned.map(({ inbox }) => inbox.take(batch)))
      delivered(concerned.map(({ inbox }) => inbox.module))
    },
    async consume(): Promise<Consumption> {
      return { stop: async () => {} }
    },
    async [Symbol.asyncDispose]() {},
  }
}
