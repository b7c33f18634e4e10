import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutgoingCall } from '../call/index.ts'
import {
  createRouterFixture,
  type FakeCall,
  type FakeLink,
  type RouterFixture,
} from './router.fixture.ts'
import type { RouterOptions } from './router-options.ts'

const budget = { budgetShare: 0.1, budgetMinPerS: 10 }

/** Calls at a steady rate while every one of them is lost. */
async function loseEverything(
  isSent: boolean,
  options: Partial<RouterOptions>,
): Promise<{ readonly calls: readonly FakeCall[]; readonly attempts: number; readonly s: number }> {
  const { carrier, clock, send } = createRouterFixture(['a', 'b', 'c'], options)
  const calls: FakeCall[] = []
  for (let step = 0; step < 2_000; step++) {
    calls.push(send())
    for (const link of carrier.links) while (link.inFlight > 0) link.lose(isSent)
    await clock.advance(5)
  }
  const s = clock.monotonicMs() / 1_000
  for (let rest = 0; rest < 20; rest++) {
    await clock.advance(500)
    for (const link of carrier.links) while (link.inFlight > 0) link.lose(isSent)
  }
  const attempts = carrier.links.reduce((sum, { taken }) => sum + taken, 0)
  return { calls, attempts, s }
}

for (const isSent of [true, false]) {
  const kind = isSent ? 'sent' : 'never sent'
  test(`when everything fails, retries add a tenth and the minimum to the load (${kind})`, async () => {
    const { calls, attempts, s } = await loseEverything(isSent, { retry: budget })
    assert.ok(attempts <= calls.length * 1.1 + 10 * (s + 10), `${attempts} of ${calls.length}`)
    assert.ok(attempts > calls.length * 1.05, `${attempts} of ${calls.length}`)
    assert.ok(calls.every(({ ends }) => ends === 1))
  })
}

test('without a budget the same losses treble the load', async () => {
  const free = { retry: { budgetShare: 10, budgetMinPerS: 10_000 } }
  const { calls, attempts } = await loseEverything(true, free)
  assert.ok(attempts > calls.length * 2.8, `${attempts} of ${calls.length}`)
})

/** One server behind all links, which works off what arrived in order and at a fixed rate, whoever still
 *  waits for it. A link gives up a call that had no answer for `patienceMs`. */
class Server {
  readonly #fixture: RouterFixture
  readonly #work: Attempt[] = []
  #waiting: Attempt[] = []

  constructor(fixture: RouterFixture) {
    this.#fixture = fixture
    for (const link of fixture.carrier.links) this.#accept(link)
  }

  #accept(link: FakeLink): void {
    const take = link.send.bind(link)
    link.send = (call) => {
      const attempt = { link, call, dueMs: this.#fixture.clock.monotonicMs() + patienceMs }
      this.#work.push(attempt)
      this.#waiting.push(attempt)
      return take(call)
    }
  }

  work(units: number): void {
    for (const attempt of this.#work.splice(0, units)) {
      if (!this.#waiting.includes(attempt)) continue
      this.#waiting.splice(this.#waiting.indexOf(attempt), 1)
      if (attempt.link.calls.includes(attempt.call)) attempt.link.answer(attempt.call)
    }
  }

  loseLate(): void {
    const nowMs = this.#fixture.clock.monotonicMs()
    const late = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs)
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs)
    for (const { link, call } of late) if (link.calls.includes(call)) link.lose(true, call)
  }
}

interface Attempt {
  readonly link: FakeLink
  readonly call: OutgoingCall
  readonly dueMs: number
}

const patienceMs = 300
const stepMs = 10

/** Seven calls a step to a server that can do ten, and a quarter of that from the fifth second to the
 *  eighth. Answers the share of calls that were answered, by the second in which they ended. */
async function overload(options: Partial<RouterOptions>, seconds: number): Promise<number[]> {
  const fixture = createRouterFixture(['a', 'b'], options)
  const { clock, router, send } = fixture
  send().cancel(router)
  const server = new Server(fixture)
  const ended: number[] = new Array<number>(seconds).fill(0)
  const good: number[] = new Array<number>(seconds).fill(0)
  let open: FakeCall[] = []
  for (let step = 0; step < (seconds * 1_000) / stepMs; step++) {
    for (let count = 0; count < 7; count++) open.push(send({ timeoutMs: 2_000 }))
    server.work(step >= 500 && step < 800 ? 2 : 10)
    server.loseLate()
    const second = Math.floor((step * stepMs) / 1_000)
    for (const call of open) {
      if (!call.isSettled) continue
      ended[second] = (ended[second] ?? 0) + 1
      if (call.outcome === 'answered 1') good[second] = (good[second] ?? 0) + 1
    }
    open = open.filter(({ isSettled }) => !isSettled)
    await clock.advance(stepMs)
  }
  return good.map((count, second) => count / Math.max(1, ended[second] ?? 0))
}

test('after a slow spell the load is served again', async () => {
  const shares = await overload({ retry: budget }, 20)
  assert.ok((shares[4] ?? 0) > 0.99, String(shares))
  assert.ok((shares[7] ?? 1) < 0.5, String(shares))
  assert.ok((shares.at(-1) ?? 0) > 0.99, String(shares))
})

test('without a budget the same spell never ends', async () => {
  const shares = await overload({ retry: { budgetShare: 10, budgetMinPerS: 10_000 } }, 20)
  assert.ok((shares[4] ?? 0) > 0.99, String(shares))
  assert.ok((shares.at(-1) ?? 1) < 0.1, String(shares))
})
