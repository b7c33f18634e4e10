import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRouterFixture, type FakeCall, type FakeLink, instance } from './router.fixture.ts'

const refusals = ['CALL_OVERLOADED', 'REMOTE_DRAINING'].map(
  (code) => `{"code":"${code}","kind":"unavailable","message":"","fix":"","details":{}}`,
)

/** What happens to the system, one thing at a time; numbers choose among what there is. */
const event = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('send'), pick: fc.nat(2) }), weight: 6 },
  { arbitrary: fc.record({ type: fc.constant('answer'), pick: fc.nat(50) }), weight: 4 },
  {
    arbitrary: fc.record({
      type: fc.constantFrom(
        'fail',
        'refuse',
        'lose',
        'loseUnsent',
        'cancel',
        'open',
        'drain',
        'die',
      ),
      pick: fc.nat(50),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ type: fc.constant('wait'), pick: fc.nat(2_000) }), weight: 3 },
  { arbitrary: fc.record({ type: fc.constant('list'), pick: fc.nat(31) }), weight: 1 },
)

/** A system whose every call is followed. */
class System {
  readonly fixture = createRouterFixture(['a', 'b'], {
    isReady: false,
    queue: { callsMax: 8 },
    ejection: { failuresMax: 2 },
  })
  readonly calls: FakeCall[] = []
  /** How often a callee may have seen a call. */
  readonly seen = new Map<FakeCall, number>()

  async apply({ type, pick }: { readonly type: string; readonly pick: number }): Promise<void> {
    const { fixture } = this
    const live = fixture.carrier.links.filter(({ isClosed }) => !isClosed)
    const link = live[pick % Math.max(1, live.length)]
    if (type === 'send') {
      const kind = (['query', 'command', 'keyless'] as const)[pick] ?? 'query'
      this.calls.push(fixture.send({ kind, timeoutMs: 3_000 }))
    } else if (type === 'wait') await fixture.clock.advance(pick)
    else if (type === 'list') {
      const ids = ['a', 'b', 'c', 'd', 'e'].filter((_, index) => (pick & (1 << index)) !== 0)
      fixture.directory.set(ids.map((id) => instance(id)))
    } else if (type === 'cancel') {
      const open = this.calls.filter(({ isSettled }) => !isSettled)
      open[pick % Math.max(1, open.length)]?.cancel(fixture.router)
    } else if (link !== undefined) this.#toLink(link, type, pick)
    this.#expire()
  }

  #toLink(link: FakeLink, type: string, pick: number): void {
    const call = link.calls[pick % Math.max(1, link.calls.length)]
    if (type === 'open') link.open()
    else if (type === 'drain') link.drain()
    else if (type === 'die') {
      for (const lost of link.calls) this.#note(lost as FakeCall)
      link.die('reset', true)
    } else if (call !== undefined) this.#end(link, call as FakeCall, { type, pick })
  }

  #end(link: FakeLink, call: FakeCall, { type, pick }: { type: string; pick: number }): void {
    if (type !== 'loseUnsent' && type !== 'refuse') this.#note(call)
    if (type === 'answer') link.answer(call)
    else if (type === 'fail') link.fail('{"code":"STOCK_SOLD_OUT","kind":"conflict"}', call)
    else if (type === 'refuse') link.fail(refusals[pick % 2] ?? '', call)
    else link.lose(type === 'lose', call)
  }

  #note(call: FakeCall): void {
    this.seen.set(call, (this.seen.get(call) ?? 0) + 1)
  }

  /** As callers do at their deadline. */
  #expire(): void {
    for (const call of this.calls) {
      if (!call.isSettled && call.remainingMs <= 0) call.cancel(this.fixture.router)
    }
  }
}

test('whatever happens: each call ends once, and what must not be repeated is not', async () => {
  const property = fc.asyncProperty(fc.array(event, { maxLength: 120 }), async (events) => {
    const system = new System()
    for (const happening of events) await system.apply(happening)
    const closed = system.fixture.router.close(1_000)
    await system.fixture.clock.advance(70_000)
    await closed
    for (const call of system.calls) {
      assert.equal(call.ends, 1, `${call.operation} ended ${call.ends} times`)
      const seen = system.seen.get(call) ?? 0
      const isKeyless = call.isCommand && call.idempotencyKey === undefined
      assert.ok(seen <= (isKeyless ? 1 : 3), `${seen} callees saw ${JSON.stringify(call)}`)
      // who says that nothing happened must be right
      if (call.isCommand && call.outcome.startsWith('REMOTE_')) assert.equal(seen, 0, call.outcome)
    }
    for (const link of system.fixture.carrier.links) assert.equal(link.inFlight, 0)
    const text = system.fixture.telemetry.metrics.text()
    assert.match(text, /^banyan_remote_calls_in_flight 0$/m)
    assert.match(text, /^banyan_remote_calls_waiting 0$/m)
  })
  await fc.assert(property, { numRuns: 400 })
})
