import type { HttpServer } from '../http/index.ts'
import type { Clock } from '../kernel/index.ts'
import type { Messages } from '../messages/index.ts'
import type { PeerListener } from '../remote/index.ts'
import type { InstanceOptions } from './instance-options.ts'
import type { Schedules } from './schedules.ts'

interface Serving {
  readonly http: HttpServer | undefined
  readonly peers: PeerListener | undefined
  readonly schedules: Schedules
  readonly messages: Messages | undefined
}

/** Takes an instance out of service without failing a request: at once unready to balancers, out of
 *  the choice of its peers, and starting no scheduled work nor any on messages; then it serves what is in flight, at
 *  most until the deadline. They drain side by side, because what one of them finishes may be
 *  what another waits for. Without periods everything closes at once. */
export async function leaveService(
  { http, peers, schedules, messages }: Serving,
  { drain, world, telemetry }: Pick<InstanceOptions, 'drain' | 'world' | 'telemetry'>,
): Promise<void> {
  if (drain !== undefined) {
    const [cutOff = 0] = await Promise.all([
      http?.drain(drain),
      peers?.drain(drain),
      within(schedules.stop(), drain.deadlineMs, world.clock),
      messages?.stop(drain.deadlineMs),
    ])
    if (cutOff > 0) telemetry.logs.log('warn', { connections: cutOff }, 'cut off at the deadline')
  }
  await http?.stop()
  await peers?.stop()
}

/** Waits for `work`, at most `deadlineMs`. */
function within(work: Promise<void>, deadlineMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(deadlineMs, resolve)
    work.finally(() => timer.stop()).then(resolve, reject)
  })
}
