import { parentPort } from 'node:worker_threads'
import { defineError } from '../kernel/index.ts'
import type { ThreadTask } from './index.ts'

/** A task of the tests: what it does is what it is told. */
export type Input =
  | { readonly do: 'double'; readonly value: number }
  | { readonly do: 'loop' | 'exhaust' | 'throw' | 'refuse' | 'exit' | 'uncloneable' | 'babble' }
  | { readonly do: 'take' | 'give'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly do: 'wait'; readonly flags: SharedArrayBuffer }

const refused = defineError<{ page: number }>('FIXTURE_PAGE_INVALID', 'invalid', {
  message: ({ page }) => `page ${page} is not a page`,
  fix: 'Turn it.',
})

const deeds: Readonly<Record<string, () => unknown>> = {
  loop() {
    for (;;);
  },
  exhaust() {
    const kept: object[] = []
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })))
  },
  throw() {
    throw new RangeError('no such page')
  },
  refuse() {
    throw refused({ page: 7 })
  },
  exit: () => process.exit(3),
  uncloneable: () => () => 1,
  babble() {
    parentPort?.postMessage('a library says hello')
    parentPort?.postMessage({ type: 'hello' })
    return 'done'
  },
}

export const run: ThreadTask<Input, unknown> = (input, task) => {
  if (input.do === 'double') return input.value * 2
  if (input.do === 'take') return input.bytes.byteLength
  if (input.do === 'give') {
    task.transfer(input.bytes.buffer)
    return input.bytes
  }
  if (input.do === 'wait') return waitForRelease(new Int32Array(input.flags))
  return deeds[input.do]?.()
}

/** Says that it runs (slot 0 counts), and goes on when slot 1 is set. */
function waitForRelease(flags: Int32Array): number {
  Atomics.add(flags, 0, 1)
  Atomics.notify(flags, 0)
  Atomics.wait(flags, 1, 0)
  return Atomics.load(flags, 0)
}
