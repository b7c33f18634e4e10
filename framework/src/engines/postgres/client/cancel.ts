import pg from 'pg'
import type { WireClient, WireConfig, WireConnection } from './wire.ts'

const silentMsMax = 3_000

/** Sends PostgreSQL's cancel request for what `client` runs, over a connection of its own. Resolves
 *  when the server has closed it, which it does after signalling the backend; also when the server
 *  cannot be reached or is silent for as long as a connection may take to open: who waits for this
 *  holds a connection of the pool. */
export function requestCancel(config: WireConfig, client: WireClient): Promise<void> {
  const { processID, secretKey } = client
  if (processID === null || secretKey === null) return Promise.resolve()
  const carrier = new pg.Client(config) as WireClient
  const wire = carrier.connection
  return new Promise((resolve) => {
    wire.on('error', () => wire.stream.destroy())
    const socket = wire.stream
    socket.setTimeout(config.connectionTimeoutMillis ?? silentMsMax, () => socket.destroy())
    wire.once('end', resolve)
    const send = (): void => wire.cancel(processID, secretKey)
    wire.once('connect', () => (wire.ssl === false ? send() : wire.requestSsl()))
    wire.once('sslconnect', send)
    open(wire, config)
  })
}

function open(wire: WireConnection, { host, port }: WireConfig): void {
  if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`)
  else wire.connect(port, host)
}
