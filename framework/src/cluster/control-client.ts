import { connect } from 'node:net'
import type { Clock } from '../kernel/index.ts'
import { errorOf } from './error-fields.ts'
import { clusterNotRunning, clusterSupervisorLost } from './errors.ts'
import type { SupervisorEvent } from './event.ts'
import { LineChannel } from './line-channel.ts'
import { decodeMessage, encodeMessage, type Reply, type Request } from './message.ts'
import { tryReadState } from './recorded-state.ts'
import type { RunFolder } from './run-folder.ts'

export interface AskOptions {
  readonly folder: RunFolder
  readonly clock: Clock
  /** Told what happens meanwhile. */
  readonly onEvent?: (event: SupervisorEvent) => void
  /** Hangs up; the supervisor goes on with what it was asked for. */
  readonly signal?: AbortSignal
}

/** A supervisor that was just started may not listen yet; one that does not runs no more. */
const connectTimeoutMs = 1_000

/** Asks the supervisor of a folder.
 *  @returns what it answered
 *  @throws CLUSTER_NOT_RUNNING · CLUSTER_SUPERVISOR_LOST (retry: look first) · the error it answered with */
export function askSupervisor(request: Request, options: AskOptions): Promise<unknown> {
  const { folder, clock, onEvent, signal } = options
  const control = tryReadState(folder.state)?.control ?? folder.control
  return new Promise((resolve, reject) => {
    const socket = connect(control)
    let isConnected = false
    const timer = clock.after(connectTimeoutMs, () => {
      if (!isConnected) channel.destroy('it does not answer')
    })
    const channel = new LineChannel(socket, {
      line: (line) => {
        const reply = decodeMessage(line)
        if (typeof reply === 'string') return channel.destroy(reply)
        const { type } = reply as Reply
        if (type === 'event') onEvent?.((reply as Extract<Reply, { type: 'event' }>).event)
        else settle(reply as Reply)
      },
      closed: (cause) => {
        timer.stop()
        if (signal?.aborted === true) return resolve(undefined)
        reject(
          isConnected
            ? clusterSupervisorLost({ cause })
            : clusterNotRunning({ folder: folder.root }),
        )
      },
    })
    const settle = (reply: Reply): void => {
      if (reply.type === 'result') resolve(reply.value)
      else if (reply.type === 'error') reject(errorOf(reply.error))
      channel.destroy('answered')
    }
    socket.once('connect', () => {
      isConnected = true
      channel.send(encodeMessage(request))
    })
    signal?.addEventListener('abort', () => channel.destroy('no longer wanted'), { once: true })
  })
}
