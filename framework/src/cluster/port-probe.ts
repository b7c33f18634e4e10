import { createServer } from 'node:net'
import { clusterPortTaken } from './errors.ts'

/** Checks that nobody listens on these addresses. Instances and gateways share their port with those
 *  that follow them, so the system would let two strangers share it too, without a word.
 *  Requires: none of our own processes has them.
 *  @throws CLUSTER_PORT_TAKEN */
export async function assertFree(
  addresses: readonly { readonly host: string; readonly port: number }[],
): Promise<void> {
  for (const { host, port } of addresses) {
    if (port !== 0) await assertOneFree(host, port)
  }
}

function assertOneFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
      reject(clusterPortTaken({ address, cause: error.message }, { cause: error }))
    })
    server.listen({ host, port, exclusive: true }, () => void server.close(() => resolve()))
  })
}
