import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { FakeClock } from '../../kernel/index.ts'
import { application, TestCall, TestLink, TestReceiver } from '../listener.fixture.ts'
import { WorkTally } from '../work-tally.ts'
import { AnswerReader } from './answer-reader.ts'
import { boundsOf } from './bounds.ts'
import { CalleeConnection } from './callee-connection.ts'
import { CallWriter } from './call-writer.ts'
import { FrameSocket } from './frame-socket.ts'
import { helloBytesMax, writeHello } from './hello.ts'
import { frameType, headerCharsMax, inlineCharsMax } from './layout.ts'
import { PendingCalls } from './pending-calls.ts'
import { Slabs } from './slab.ts'

/** One end of a road in memory that cuts what passes, each piece in a tick of its own. */
class CutEnd extends Duplex {
  other: CutEnd | undefined = undefined
  readonly #nextSize: () => number

  constructor(nextSize: () => number) {
    super()
    this.#nextSize = nextSize
  }

  /** What connections ask of a socket beside its stream. */
  setTimeout(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const copy = Buffer.from(chunk)
    const pass = (at: number): void => {
      if (at >= copy.length) return done()
      const end = at + this.#nextSize()
      this.other?.push(copy.subarray(at, end))
      setImmediate(pass, end)
    }
    pass(0)
  }
}

/** A road that cuts at the given sizes, in turns. */
function cutRoad(sizes: readonly number[]): [Socket, Socket] {
  let turn = 0
  const nextSize = (): number => sizes[turn++ % sizes.length] ?? 1
  const near = new CutEnd(nextSize)
  const far = new CutEnd(nextSize)
  near.other = far
  far.other = near
  return [near as Duplex as Socket, far as Duplex as Socket]
}

/** The caller's end, without a dial. */
class Caller {
  readonly frames: FrameSocket
  readonly writer: CallWriter
  readonly #pending = new PendingCalls()

  constructor(socket: Socket, clock: FakeClock) {
    const bounds = boundsOf(undefined)
    const answers = new AnswerReader(this.#pending, new TestLink(), bounds.payloadBytesMax)
    this.frames = new FrameSocket({
      ...{ socket, clock, bounds, slabs: new Slabs(), role: 'caller' },
      events: {
        frame: (bytes, start, end) => {
          if (bytes[start + 4] !== frameType.hello) answers.read(bytes, start, end)
        },
        ended: () => {},
      },
    })
    this.writer = new CallWriter(this.frames)
    writeHello(this.frames.output.room(helloBytesMax), {
      ...{ application, service: 'edge', instance: '' },
      ...{ inFlightMax: 100, payloadBytesMax: bounds.payloadBytesMax },
    })
    this.frames.start(Buffer.alloc(0))
  }

  send(call: TestCall): void {
    this.writer.introduce(call)
    const id = this.#pending.add(call)
    const payload = Buffer.from(call.input)
    if (call.input.length > inlineCharsMax) {
      this.writer.writeParted(call, id, { payload, sent: () => {} })
    } else this.writer.write(call, id, headerCharsMax + call.input.length)
  }
}

test('calls short and long arrive whole, in both directions, however the road cuts them', async () => {
  const size = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: 16_000, max: 17_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 150_000 }) },
  )
  const step = fc.record({ size, letter: fc.constantFrom('a', 'ß', '漢'), waits: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 5 }),
      async (steps, sizes) => {
        const clock = new FakeClock()
        const [near, far] = cutRoad([...sizes, 30_000])
        const receiver = new TestReceiver()
        const callee = calleeOn(far, receiver, clock)
        const caller = new Caller(near, clock)
        const calls: TestCall[] = []
        for (const { size: length, letter, waits } of steps) {
          const call = new TestCall(JSON.stringify(letter.repeat(length)))
          calls.push(call)
          caller.send(call)
          if (waits) await new Promise((resolve) => setImmediate(resolve))
        }
        for (const call of calls) assert.equal(await call.end, `answered ${call.input}`)
        assert.equal(receiver.received, calls.length)
        caller.frames.destroy('over')
        callee.destroy('over')
      },
    ),
    { numRuns: 40 },
  )
})

test('frames that come byte by byte are the same frames', async () => {
  const clock = new FakeClock()
  const [near, far] = cutRoad([1])
  const callee = calleeOn(far, new TestReceiver(), clock)
  const caller = new Caller(near, clock)
  const calls = ['1', '"ü"', JSON.stringify('x'.repeat(300))].map((input) => new TestCall(input))
  for (const call of calls) caller.send(call)
  for (const call of calls) assert.equal(await call.end, `answered ${call.input}`)
  caller.frames.destroy('over')
  callee.destroy('over')
})

function calleeOn(socket: Socket, receiver: TestReceiver, clock: FakeClock): CalleeConnection {
  const connection = new CalleeConnection(
    {
      ...{ application, service: 'sales', instance: 'sales-1', clock, receiver },
      ...{ bounds: boundsOf(undefined), slabs: new Slabs(), tally: new WorkTally() },
      ...{ policy: () => undefined, findRefusal: () => undefined, ended: () => {} },
    },
    socket,
    undefined,
  )
  connection.start(Buffer.alloc(0))
  return connection
}
