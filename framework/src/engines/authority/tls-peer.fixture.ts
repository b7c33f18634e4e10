import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'

interface Material {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

/** One end of mutual TLS as an instance is: a server and a client with what they last read from a
 *  folder of certificates. It reads again only when told to. */
export class TlsPeer implements AsyncDisposable {
  readonly service: string
  readonly #folder: string
  readonly #server: Server
  #material: Material

  private constructor(folder: string, service: string) {
    this.#folder = folder
    this.service = service
    this.#material = this.#load()
    const options = { requestCert: true, minVersion: 'TLSv1.3', ...this.#material } as const
    this.#server = createServer(options, (socket) => {
      socket.on('error', () => undefined)
      socket.end(nameOf(socket))
    })
    this.#server.on('tlsClientError', () => undefined)
  }

  static async start(folder: string, service: string): Promise<TlsPeer> {
    const peer = new TlsPeer(folder, service)
    peer.#server.listen(0, '127.0.0.1')
    await once(peer.#server, 'listening')
    return peer
  }

  /** Reads the files again, as a watcher does; a pair that does not match is left alone. */
  reload(): void {
    const before = this.#material
    try {
      this.#material = this.#load()
      this.#server.setSecureContext(this.#material)
    } catch {
      this.#material = before
    }
  }

  /** Makes a new connection to another peer.
   *  @returns the SPIFFE names as each end saw the other @throws when one end refuses */
  async call(callee: TlsPeer): Promise<{ readonly callee: string; readonly caller: string }> {
    const { port } = callee.#server.address() as AddressInfo
    const socket = connect({
      ...{ host: '127.0.0.1', port, minVersion: 'TLSv1.3', ...this.#material },
      checkServerIdentity: () => undefined,
    })
    try {
      let caller = ''
      socket.setEncoding('utf8').on('data', (text: string) => {
        caller += text
      })
      await once(socket, 'secureConnect')
      const seen = nameOf(socket)
      await once(socket, 'end')
      // In TLS 1.3 the caller is done before the callee has looked at its certificate.
      if (caller === '') throw new Error('the callee refused')
      return { callee: seen, caller }
    } finally {
      socket.destroy()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }

  #load(): Material {
    const read = (name: string): string => readFileSync(path.join(this.#folder, name), 'utf8')
    return {
      key: read(`${this.service}.key`),
      cert: read(`${this.service}.crt`),
      ca: read('authority.crt'),
    }
  }
}

function nameOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.subjectAltName?.replace('URI:', '') ?? ''
}
