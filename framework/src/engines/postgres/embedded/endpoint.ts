import { randomBytes } from 'node:crypto'
import { chown, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { type Layout, openSocketFolder } from './layout.ts'
import type { Address } from './readiness.ts'

/** `socket`: a Unix socket in a private folder, no network at all. `loopback`: 127.0.0.1 with a
 *  password, where there are no such sockets (Windows). */
export type Transport = 'socket' | 'loopback'

/** Where clients connect. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly password: string | undefined
  readonly address: Address
}

const loopbackHost = '127.0.0.1'
const socketPort = 5432

/** @returns the password for a loopback server, made at the first start and kept in a file that only
 *  its owner reads; undefined for a socket. */
export async function openPassword(
  layout: Layout,
  transport: Transport,
  owner: Account | undefined,
): Promise<{ readonly file: string; readonly password: string } | undefined> {
  if (transport === 'socket') return undefined
  const file = join(layout.folder, 'password')
  const found = await readFile(file, 'utf8').catch(() => undefined)
  if (found !== undefined) return { file, password: found.trim() }
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, `${password}\n`, { mode: 0o600 })
  if (owner !== undefined) await chown(file, owner.uid, owner.gid)
  return { file, password }
}

/** Makes the socket's folder, or finds a free port. */
export async function openEndpoint(
  layout: Layout,
  password: string | undefined,
  owner: Account | undefined,
): Promise<Endpoint> {
  if (password === undefined) {
    await openSocketFolder(layout.socket, owner)
    const path = join(layout.socket, `.s.PGSQL.${socketPort}`)
    return { host: layout.socket, port: socketPort, password, address: { path } }
  }
  const port = await findFreePort()
  return { host: loopbackHost, port, password, address: { host: loopbackHost, port } }
}

/** The server's arguments for it. On the command line they win over every configuration file. */
export function endpointArgs(endpoint: Endpoint): string[] {
  const onSocket = 'path' in endpoint.address
  const settings = {
    listen_addresses: onSocket ? '' : loopbackHost,
    port: String(endpoint.port),
    unix_socket_directories: onSocket ? `"${endpoint.host.replaceAll('"', '""')}"` : '',
    unix_socket_permissions: '0700',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** For people, libpq and pg. */
export function endpointUrl(endpoint: Endpoint, user: string, database: string): string {
  if ('path' in endpoint.address) {
    const query = new URLSearchParams({ host: endpoint.host, port: String(endpoint.port) })
    return `postgresql://${user}@/${database}?${query.toString()}`
  }
  return `postgresql://${user}:${endpoint.password}@${endpoint.host}:${endpoint.port}/${database}`
}

async function findFreePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', reject)
  server.listen(0, loopbackHost, () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    server.close(() => resolve(port))
  })
  return promise
}
