import type { Range } from './field.ts'

/** What numbers of a topology may be; the plan's schema has the same bounds. */
export const ranges: {
  readonly instances: Range
  readonly inFlightMax: Range
  readonly readers: Range
  readonly transactions: Range
  readonly databaseConnections: Range
  readonly connectionsReserved: Range
  readonly callConnections: Range
  readonly checkEveryMs: Range
  readonly gatewayConnections: Range
  readonly port: Range
  readonly noticeMs: Range
  readonly deadlineMs: Range
  readonly gatewayMs: Range
  readonly clientMs: Range
} = {
  instances: [1, 256],
  inFlightMax: [1, 100_000],
  readers: [1, 64],
  transactions: [1, 256],
  databaseConnections: [1, 100_000],
  connectionsReserved: [0, 100_000],
  callConnections: [1, 64],
  checkEveryMs: [100, 60_000],
  gatewayConnections: [1, 1_000_000],
  port: [0, 65_535],
  noticeMs: [0, 300_000],
  deadlineMs: [1, 3_600_000],
  gatewayMs: [1, 3_600_000],
  clientMs: [1, 7_200_000],
}

/** Instances of all services together: one machine is given no more. */
export const instancesMax = 256

/** Length of a service's name: it is part of ids, socket paths and certificates. */
export const serviceNameMax = 32

/** `max_connections` of the embedded PostgreSQL, and of one that nobody configured. */
export const serverConnections: { readonly embedded: number; readonly environment: number } = {
  embedded: 200,
  environment: 100,
}
