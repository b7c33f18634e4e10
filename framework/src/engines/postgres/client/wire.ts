import type { Socket } from 'node:net'
import type pg from 'pg'

/** Members of the client library that its types leave out. */
export interface WireClient extends pg.Client {
  readonly processID: number | null
  readonly secretKey: number | null
  readonly connection: WireConnection
  getTransactionStatus(): 'I' | 'T' | 'E' | null
}

export interface WireConnection extends pg.Connection {
  readonly ssl: unknown
  readonly stream: Socket
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

/** Configuration of the client library, with the member that its types leave out. */
export interface WireConfig extends pg.ClientConfig {
  readonly host: string
  readonly port: number
}

export interface WireQuery extends pg.QueryConfig {
  /** Refuses a second statement in one text. */
  readonly queryMode?: 'extended'
}
