import { incapable, unavailable } from './failure.ts'
import type { NatsTransportOptions } from './options.ts'

const answerMs = 5_000
const promise = 'a message that was accepted outlives a power cut'

/** Holds that what was accepted is on a disk, unless the application said that it need not be.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE · MESSAGES_TRANSPORT_UNAVAILABLE */
export async function assertSynced(options: NatsTransportOptions): Promise<void> {
  if (options.acceptSyncInterval === true) return
  const { monitors = [] } = options
  if (monitors.length === 0) {
    throw incapable(
      `${promise}: it syncs every 2 minutes. Set sync_interval: always (NATS ≥ 2.10) and name monitors, or accept it: acceptSyncInterval: true`,
    )
  }
  await Promise.all(monitors.map(assertMonitor))
}

async function assertMonitor(monitor: string): Promise<void> {
  if (await syncsAlways(monitor).catch((error: unknown) => Promise.reject(unavailable(error))))
    return
  throw incapable(
    `${promise}: ${monitor} does not say that it syncs each message. Set sync_interval: always (NATS ≥ 2.10), or accept it: acceptSyncInterval: true`,
  )
}

async function syncsAlways(monitor: string): Promise<boolean> {
  const response = await fetch(new URL('/jsz', monitor), { signal: AbortSignal.timeout(answerMs) })
  const answer: unknown = response.ok ? await response.json() : undefined
  return isObject(answer) && isObject(answer['config']) && answer['config']['sync_always'] === true
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
