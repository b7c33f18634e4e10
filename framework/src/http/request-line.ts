import type { Socket } from 'node:net'

const space = 0x20
/** Longest head that can be pending: Node's own limit refuses larger ones. */
const pendingBytesMax = 34 * 1024

/** Watches the raw bytes of one connection, because Node's parser forgives more than one space
 *  between the parts of a request line and afterwards nobody can tell. A request line that two
 *  readers split differently is how requests are smuggled.
 *  Cost: four byte comparisons when a request starts its chunk, which nearly all do. */
export class RequestLines {
  #bytes: Buffer = Buffer.alloc(0)
  #from = 0
  #previous: Buffer | undefined = undefined
  #isClaimed = true

  /** Takes the next bytes read. Requires: before the parser sees them. */
  push(chunk: Buffer): void {
    const rest = this.#from < this.#bytes.length ? this.#bytes.subarray(this.#from) : undefined
    if (this.#isClaimed || this.#previous === undefined) this.#previous = rest
    else if (rest !== undefined) {
      this.#previous = Buffer.concat([this.#previous, rest]).subarray(-pendingBytesMax)
    }
    this.#bytes = chunk
    this.#from = 0
    this.#isClaimed = false
  }

  /** Whether the request that was just parsed stands in the bytes with single spaces. */
  claim(method: string, url: string): boolean {
    const bytes = this.#bytes
    const urlStart = this.#from + method.length + 1
    const urlEnd = urlStart + url.length
    this.#isClaimed = true
    if (
      this.#from === 0 &&
      bytes[urlStart - 1] === space &&
      bytes[urlStart] === url.charCodeAt(0) &&
      bytes[urlEnd] === space &&
      bytes[urlEnd + 1] === 0x48 &&
      bytes[0] === method.charCodeAt(0)
    ) {
      this.#from = urlEnd
      return true
    }
    return this.#search(`${method} ${url} HTTP/1.`)
  }

  /** The slow way, for pipelined requests and for heads that arrive in pieces. */
  #search(line: string): boolean {
    const at = this.#bytes.indexOf(line, this.#from, 'latin1')
    if (at !== -1) {
      this.#from = at + line.length
      return true
    }
    if (this.#previous === undefined) return false
    const before = this.#previous.length
    const all = Buffer.concat([this.#previous, this.#bytes.subarray(this.#from)])
    const found = all.indexOf(line, 0, 'latin1')
    if (found === -1) return false
    this.#from += Math.max(0, found + line.length - before)
    return true
  }
}

const lines: unique symbol = Symbol('banyan.requestLines')
type WatchedSocket = Socket & { [lines]?: RequestLines }

/** Starts to watch a connection. Requires: called on the server's `connection` event. */
export function watchRequestLines(socket: Socket): void {
  const watched: WatchedSocket = socket
  watched[lines] = new RequestLines()
  // Listening for data makes Node hand the bytes to JavaScript before it parses them.
  socket.prependListener('data', pushChunk)
}

/** Whether the request line was written with single spaces; true where nobody watches, as in a
 *  foreign server. */
export function claimRequestLine(socket: Socket, method: string, url: string): boolean {
  return (socket as WatchedSocket)[lines]?.claim(method, url) ?? true
}

function pushChunk(this: WatchedSocket, chunk: Buffer): void {
  this[lines]?.push(chunk)
}
