import { createConnection } from 'node:net'
import { haproxyCommandFailed } from './errors.ts'

const answerTimeoutMs = 5_000
const answerCharsMax = 4 * 1024 * 1024

/** Sends one line to a socket of HAProxy and returns what it answers: several commands are parted by
 *  `;`. The runtime API speaks through the worker's socket, the master's commands through its own.
 *  @throws HAPROXY_COMMAND_FAILED when nobody listens, or no answer is complete after 5 s. */
export function askHaproxy(socketPath: string, command: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = createConnection({ path: socketPath })
  let text = ''
  const fail = (cause: string, error?: Error): void => {
    socket.destroy()
    const shown = command.length > 200 ? `${command.slice(0, 200)}…` : command
    reject(haproxyCommandFailed({ command: shown, cause }, { cause: error }))
  }
  socket.setEncoding('utf8')
  socket.setTimeout(answerTimeoutMs, () => fail(`no answer after ${answerTimeoutMs} ms`))
  socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error))
  socket.on('data', (part: string) => {
    text += part
    if (text.length > answerCharsMax) fail('the answer does not end')
  })
  socket.once('end', () => {
    socket.destroy()
    resolve(text.trim())
  })
  // The master passes a command on to a worker, and closes only when it knows that no other follows.
  socket.end(`${command}\n`)
  return promise
}

/** As `askHaproxy`, but undefined when nobody listens there: no HAProxy runs. */
export async function tryAskHaproxy(
  socketPath: string,
  command: string,
): Promise<string | undefined> {
  try {
    return await askHaproxy(socketPath, command)
  } catch (error) {
    if (haproxyCommandFailed.is(error) && /^(ECONNREFUSED|ENOENT)$/.test(error.details.cause)) {
      return undefined
    }
    throw error
  }
}
