import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { Output } from './output.ts'
import { Slabs } from './slab.ts'

/** A socket that notes each write, and may never take what it is given. */
class FakeSocket extends Writable {
  readonly writes: number[] = []
  readonly #isStuck: boolean

  constructor(isStuck: boolean) {
    super({ highWaterMark: 1 })
    this.#isStuck = isStuck
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.length)
    if (!this.#isStuck) done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.writes.push(chunk.length)
    done()
  }
}

const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

const frameBytes = 1_000

/** Writes frames as callers of one tick do. */
function write(output: Output, frames: number): void {
  for (let frame = 0; frame < frames; frame++) {
    const slab = output.room(frameBytes)
    slab.begin(1, 0, 0)
    slab.used += frameBytes - 8
    slab.end()
  }
}

const outputTo = (socket: FakeSocket): Output =>
  new Output(socket as Writable as Socket, new Slabs(), true)

test('what few callers write in one tick leaves as one message at its end', async () => {
  const socket = new FakeSocket(false)
  write(outputTo(socket), 8)
  assert.deepEqual(socket.writes, [])
  await new Promise(setImmediate)
  assert.deepEqual(socket.writes, [8_008])
})

test('a burst does not wait for the end of its tick', async () => {
  const socket = new FakeSocket(false)
  write(outputTo(socket), 30)
  assert.deepEqual(socket.writes, [9_008, 9_008, 9_008])
  await new Promise(setImmediate)
  assert.deepEqual(socket.writes, [9_008, 9_008, 9_008, 3_008])
})

test('what comes one by one in one turn of the event loop leaves in two messages', async () => {
  const socket = new FakeSocket(false)
  const output = outputTo(socket)
  for (let tick = 0; tick < 6; tick++) {
    write(output, 1)
    await nextTick()
  }
  assert.deepEqual(socket.writes, [1_008])
  await new Promise(setImmediate)
  assert.deepEqual(socket.writes, [1_008, 5_008])
  write(output, 1)
  await nextTick()
  assert.deepEqual(socket.writes, [1_008, 5_008, 1_008])
})

test('what comes one by one does not wait when it has become a burst', async () => {
  const socket = new FakeSocket(false)
  const output = outputTo(socket)
  for (let tick = 0; tick < 12; tick++) {
    write(output, 1)
    await nextTick()
  }
  assert.deepEqual(socket.writes, [1_008, 9_008])
})

test('while the machine takes nothing, little memory holds much', async () => {
  const socket = new FakeSocket(true)
  const output = outputTo(socket)
  const slabs: number[] = []
  for (let tick = 0; tick < 20; tick++) {
    const before = output.turn
    write(output, 60)
    await new Promise(setImmediate)
    slabs.push(output.turn - before)
  }
  assert.equal(slabs[0], 7)
  // from 128 KB on, a slab of 64 KiB per tick holds all 60 frames
  assert.deepEqual(new Set(slabs.slice(3)), new Set([1]))
  assert.equal(output.unwrittenBytes, 20 * 60 * frameBytes + output.turn * 14)
})
