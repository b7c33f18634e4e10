import { createConnection } from 'node:net'
import { haproxyCommandFailed } from './errors.ts'

const answerTimeoutMs = 5_000
const answerCharsMax = 4 * 1024 * 1024

/** Sends one command to the runtime API, which the worker's socket speaks, and returns the answer.
 *  @throws HAPROXY_COMMAND_FAILED when nobody listens, or no answer is complete after 5 s. */
export function askWorker(socketPath: string, command: string): Promise<string> {
  return ask(socketPath, command, `${command}\n`)
}

/** Sends one command to the master, or with `@!<pid> ` before it to one of its workers. The master
 *  waits for further commands until it is told that none follows; a half-closed connection would tell
 *  it too, but it may then leave without an answer.
 *  @throws HAPROXY_COMMAND_FAILED */
export function askMaster(socketPath: string, command: string): Promise<string> {
  return ask(socketPath, command, `${command}\nquit\n`)
}

/** The answer, or undefined when nobody listens there: no HAProxy runs. Other failures stay errors. */
export async function ifListening(answer: Promise<string>): Promise<string | undefined> {
  try {
    return await answer
  } catch (error) {
    if (haproxyCommandFailed.is(error) && /^(ECONNREFUSED|ENOENT)$/.test(error.details.cause)) {
      return undefined
    }
    throw error
  }
}

function ask(socketPath: string, command: string, lines: string): Promise<string> {
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
  socket.write(lines)
  return promise
}
