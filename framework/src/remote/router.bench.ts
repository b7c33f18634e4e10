/** What the router adds to a call: `node --conditions=source framework/src/remote/router.bench.ts`. */
import type { OutgoingCall } from '../call/index.ts'
import { anonymous, createSystemClock, createSystemRandom } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { createDirectory } from './directory.ts'
import type { Carrier, Link, LinkEvents } from './port.ts'
import { instance } from './router.fixture.ts'
import { createRouter } from './router.ts'

const inFlight = 64

/** Takes calls and answers them when it is asked to. */
class EchoLink implements Link {
  readonly #events: LinkEvents
  readonly #calls: OutgoingCall[] = []

  constructor(events: LinkEvents) {
    this.#events = events
    events.opened()
  }

  get inFlight(): number {
    return this.#calls.length
  }

  send(call: OutgoingCall): boolean {
    this.#calls.push(call)
    return true
  }

  answerAll(): void {
    for (let call = this.#calls.pop(); call !== undefined; call = this.#calls.pop()) {
      this.#events.answered(call, '{}')
    }
  }

  cancel(): void {}

  async close(): Promise<void> {}
}

class BenchCall implements OutgoingCall {
  readonly operation = 'stock.act'
  readonly module = 'stock'
  readonly isCommand = false
  readonly callerModule = 'front'
  readonly isAuthorized = true
  readonly input = '{}'
  readonly remainingMs = 1_000
  readonly timeoutMs = 1_000
  readonly principal = anonymous
  readonly trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true }
  readonly idempotencyKey = undefined
  readonly criticality = 'default'
  readonly token = undefined
  readonly isSettled = false
  senderSlot = -1
  answered(): void {}
  failed(): void {}
  lost(): void {}
}

const clock = createSystemClock()
const random = createSystemRandom()
const links: EchoLink[] = []
const carrier: Carrier = {
  name: 'echo',
  open(_address, events) {
    const link = new EchoLink(events)
    links.push(link)
    return link
  },
}
const telemetry = createTelemetry({ clock, random, service: 'bench', sink: createMemorySink() })

/** Nanoseconds and bytes of heap per call, over `count` instances. */
function measure(count: number, rounds: number): { readonly ns: number; readonly bytes: number } {
  links.length = 0
  const ids = Array.from({ length: count }, (_, index) => `stock-${index}`)
  const directory = createDirectory(ids.map((id) => instance(id)))
  const router = createRouter({
    ...{ directory, carrier, clock, random, telemetry, self: { service: 'bench' } },
  })
  const calls = Array.from({ length: inFlight }, () => new BenchCall())
  const round = (): void => {
    for (const call of calls) router.send(call)
    for (const link of links) link.answerAll()
  }
  for (let warm = 0; warm < 20_000; warm++) round()
  globalThis.gc?.()
  const heapBytes = process.memoryUsage().heapUsed
  const startMs = clock.monotonicMs()
  for (let done = 0; done < rounds; done++) round()
  const passedMs = clock.monotonicMs() - startMs
  const bytes = (process.memoryUsage().heapUsed - heapBytes) / (rounds * inFlight)
  return { ns: (passedMs * 1e6) / (rounds * inFlight), bytes }
}

for (const count of [1, 2, 8]) {
  const results = Array.from({ length: 5 }, () => measure(count, 20_000))
  const ns = results.map((result) => result.ns).sort((a, b) => a - b)[2] ?? 0
  const { bytes } = measure(count, 200)
  process.stdout.write(
    `${count} instances: ${ns.toFixed(0)} ns per call, send to answer; ${bytes.toFixed(1)} bytes of heap per call\n`,
  )
}
