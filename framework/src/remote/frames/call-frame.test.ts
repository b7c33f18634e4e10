import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTraceparent } from '../../kernel/index.ts'
import { TestCall } from '../listener.fixture.ts'
import { beginCall, CallDecoder, callHeadBytesMax } from './call-frame.ts'
import { frameType, headerCharsMax, ProtocolError } from './layout.ts'
import { NameIndexes } from './name-table.ts'
import { formatRoles, RoleTexts } from './role-texts.ts'
import { headroomBytes, Slab } from './slab.ts'

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength }).map((value) => value.toWellFormed())
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'.split('')),
    minLength: length,
    maxLength: length,
  })

const said = fc.record({
  operation: fc.constantFrom('inventory.reserve', 'a.b', 'orders.place2'),
  callerModule: fc.constantFrom('checkout', 'a', undefined),
  isAuthorized: fc.boolean(),
  input: text(500),
  remainingMs: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  principal: fc.record(
    { subject: text(40), roles: fc.array(text(12), { maxLength: 4 }) },
    { noNullPrototype: true },
  ),
  trace: fc.record(
    { traceId: hex(32), spanId: hex(16), isSampled: fc.boolean() },
    { noNullPrototype: true },
  ),
  idempotencyKey: fc.option(text(40), { nil: undefined }),
  criticality: fc.constantFrom('critical', 'default', 'sheddable', 'background'),
  token: fc.option(text(40), { nil: undefined }),
})

test('calls are read as they were written, one decoder for all of a connection', () => {
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 10 }), (calls) => {
      const names = new NameIndexes()
      const decoder = new CallDecoder()
      const introduce = (name: string): void => {
        if (names.get(name) !== 0) return
        const slab = new Slab(1_000)
        names.add(name, slab)
        decoder.addName(slab.bytes, headroomBytes, slab.used)
      }
      for (const [index, call] of calls.entries()) {
        introduce(call.operation)
        if (call.callerModule !== undefined) introduce(call.callerModule)
        const slab = new Slab(headroomBytes + callHeadBytesMax + 2_000)
        const operation = names.get(call.operation)
        const caller = call.callerModule === undefined ? 0 : names.get(call.callerModule)
        beginCall(slab, Object.assign(new TestCall(), call), { id: index, operation, caller })
        slab.text(call.input)
        slab.end()
        const { id, use, partedBytes, trace, ...read } = decoder.read(
          slab.bytes,
          headroomBytes,
          slab.used,
        )
        const { remainingMs: timeoutMs, trace: sent, ...rest } = call
        assert.deepEqual(read, { ...rest, timeoutMs })
        assert.equal(formatTraceparent(trace), formatTraceparent(sent))
        assert.deepEqual(
          { id, use, partedBytes },
          { id: index, use: operation * 65_536 + caller, partedBytes: -1 },
        )
      }
    }),
    { numRuns: 300 },
  )
})

test('a call frame cut anywhere is refused, and never read past its end', () => {
  const call = new TestCall('"input"')
  call.principal = { subject: 'subject', roles: ['role'] }
  call.token = 'token'
  const slab = new Slab(1_000)
  beginCall(slab, call, { id: 1, operation: 1, caller: 0 })
  const inputAt = slab.used
  slab.text(call.input)
  slab.end()
  const decoder = new CallDecoder()
  const names = new NameIndexes()
  const name = new Slab(1_000)
  names.add('inventory.reserve', name)
  decoder.addName(name.bytes, headroomBytes, name.used)
  for (let end = headroomBytes + 8; end < inputAt; end++) {
    assert.throws(() => decoder.read(slab.bytes, headroomBytes, end), ProtocolError, `${end}`)
  }
  assert.equal(decoder.read(slab.bytes, headroomBytes, slab.used).input, '"input"')
})

test('no role can pass for two, and malformed roles are refused', () => {
  const texts = new RoleTexts()
  fc.assert(
    fc.property(fc.array(text(10), { maxLength: 5 }), (roles) => {
      assert.deepEqual(texts.read(formatRoles(roles)), roles)
    }),
  )
  for (const bad of ['x', '1', '5:abc', ':', '-1:', '01:a', '1e1:aaaaaaaaaa', '1:ab', ' 1:a']) {
    assert.throws(() => texts.read(bad), ProtocolError, bad)
  }
  assert.equal(texts.read('5:admin'), texts.read('5:admin'))
})

test('names come in turn, once, and only as names', () => {
  const decoder = new CallDecoder()
  const frame = (name: string, index: number): [Buffer, number, number] => {
    const slab = new Slab(1_000)
    slab.begin(frameType.name, 0, index)
    slab.text(name)
    slab.end()
    return [slab.bytes, headroomBytes, slab.used]
  }
  decoder.addName(...frame('inventory.reserve', 1))
  decoder.addName(...frame('checkout', 2))
  for (const [name, index] of [
    ['late', 4],
    ['again', 2],
    ['zero', 0],
    ['Upper', 3],
    ['a.b.c', 3],
    ['', 3],
    ['__proto__', 3],
  ] as const) {
    assert.throws(() => decoder.addName(...frame(name, index)), ProtocolError, name)
  }
  assert.ok(callHeadBytesMax > headerCharsMax)
})
