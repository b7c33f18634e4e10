import { connect, type Socket } from 'node:net'

/** What came back on a raw connection. */
export interface RawAnswer {
  readonly text: string
  /** Status codes of all answers, 100 Continue left out. */
  readonly statuses: readonly number[]
  readonly isClosed: boolean
}

/** Sends raw bytes (one per character) and collects what comes until the server closes, or until
 *  `quietMs` pass without a byte. */
export function sendRaw(port: number, bytes: string, quietMs = 120): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = ''
    let timer: NodeJS.Timeout
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false })
    const finish = (isClosed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text, statuses: statusesOf(text), isClosed })
    }
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(finish, quietMs, false)
    }
    socket.on('connect', () => socket.write(bytes, 'latin1'))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      wait()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => finish(true))
    timer = setTimeout(finish, 2_000, false)
  })
}

function statusesOf(text: string): number[] {
  const matches = text.matchAll(/HTTP\/1\.1 (\d{3}) /g)
  return [...matches].map((match) => Number(match[1])).filter((status) => status !== 100)
}

/** Opens a connection and waits until it stands. */
export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Resolves when the socket has closed, with the milliseconds it took. */
export function closeOf(socket: Socket): Promise<number> {
  const startMs = performance.now()
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.resume()
    socket.once('close', () => resolve(performance.now() - startMs))
  })
}
