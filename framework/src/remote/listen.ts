import { chmod, lstat, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { remoteListenFailed } from './errors.ts'
import type { Endpoint } from './port.ts'

/** What fits the address of a unix socket. */
const pathBytesMax = process.platform === 'darwin' ? 103 : 107
const privateMode = 0o600

/** Binds a server to an endpoint. A socket file that nobody answers on is replaced.
 *  @returns the endpoint with the real port.
 *  @throws REMOTE_LISTEN_FAILED */
export async function listen(server: Server, endpoint: Endpoint): Promise<Endpoint> {
  if (endpoint.kind === 'unix') {
    await prepare(endpoint.path)
    await bind(server, endpoint)
    await protect(server, endpoint.path)
    return endpoint
  }
  await bind(server, endpoint)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : endpoint.port
  return { ...endpoint, port }
}

/** A readable name of an endpoint. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`
}

function bind(server: Server, endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const cause = error.code ?? error.message
      reject(remoteListenFailed({ endpoint: formatEndpoint(endpoint), cause }, { cause: error }))
    }
    server.once('error', fail)
    const listening = (): void => {
      server.removeListener('error', fail)
      resolve()
    }
    if (endpoint.kind === 'unix') server.listen({ path: endpoint.path }, listening)
    else server.listen({ host: endpoint.host, port: endpoint.port }, listening)
  })
}

/** Nobody but this user may connect. */
async function protect(server: Server, path: string): Promise<void> {
  try {
    await chmod(path, privateMode)
  } catch (error) {
    server.close()
    const cause = error instanceof Error ? error.message : String(error)
    throw remoteListenFailed({ endpoint: path, cause }, { cause: error })
  }
}

async function prepare(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path)
  if (bytes > pathBytesMax) {
    const cause = `the path has ${bytes} bytes, more than ${pathBytesMax}`
    throw remoteListenFailed({ endpoint: path, cause })
  }
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw remoteListenFailed({ endpoint: path, cause: 'a file is in the way' })
  if (await isAnswered(path)) {
    throw remoteListenFailed({ endpoint: path, cause: 'another process listens there' })
  }
  await unlink(path).catch(() => undefined)
}

/** Whether somebody accepts connections on a socket file. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // anything but a refusal may be a living process
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
