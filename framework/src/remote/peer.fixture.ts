/** An instance that answers every call after some milliseconds, as a process of its own that can be
 *  killed: `node peer.fixture.ts <unix path> <instance id> <delay ms>`. SIGTERM drains it. */
import type { Receiver } from '../call/index.ts'
import { createSystemClock, createSystemRandom } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { startPeerListener } from './peer-listener.ts'

const [path = '', instance = '', delayMs = '0'] = process.argv.slice(2)
const clock = createSystemClock()
const telemetry = createTelemetry({
  ...{ clock, random: createSystemRandom(), service: 'sales', sink: createMemorySink() },
})

const receiver: Receiver = {
  receive(call, sink) {
    const timer = clock.after(Number(delayMs), () => sink.answered(call.input))
    return { cancel: () => timer.stop() }
  },
}

const listener = await startPeerListener({
  ...{ clock, telemetry, instance, receiver, application: 'shop', service: 'sales' },
  endpoint: { kind: 'unix', path },
  policy: () => undefined,
})

process.once('SIGTERM', () => {
  void listener
    .drain({ deadlineMs: 2_000 })
    .then(() => listener.stop())
    .then(() => process.exit(0))
})
process.send?.('ready')
