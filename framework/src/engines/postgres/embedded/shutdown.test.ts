import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeClock } from '../../../kernel/index.ts'
import { endPostmaster } from './shutdown.ts'

/** Of 10 ms: 25 s. */
const stepsMax = 2_500

interface Ending {
  readonly ended: boolean
  readonly sent: readonly (readonly [string, number])[]
}

/** Ends a process that gives in to `obeys` only; @returns each signal with the second it was sent. */
async function endStubborn(obeys: NodeJS.Signals | undefined): Promise<Ending> {
  const clock = new FakeClock()
  const sent: (readonly [string, number])[] = []
  let gone = false
  const ending = endPostmaster({
    clock,
    fastTimeoutMs: 10_000,
    hasEnded: () => gone,
    send: (signal) => {
      sent.push([signal, Math.round(clock.monotonicMs() / 1_000)])
      gone = signal === obeys
    },
  })
  let ended: boolean | undefined
  void ending.then((value) => (ended = value))
  for (let step = 0; step < stepsMax && ended === undefined; step++) await clock.advance(10)
  assert.ok(ended !== undefined, 'it never came to an end')
  return { ended, sent }
}

describe('ending a server', () => {
  test('one that obeys is asked once', async () => {
    assert.deepEqual(await endStubborn('SIGINT'), { ended: true, sent: [['SIGINT', 0]] })
  })

  test('one that hangs is ended by force, within 20 s', async () => {
    const sent = [
      ['SIGINT', 0],
      ['SIGQUIT', 10],
      ['SIGKILL', 15],
    ]
    assert.deepEqual(await endStubborn('SIGKILL'), { ended: true, sent })
    assert.deepEqual(await endStubborn(undefined), { ended: false, sent })
  })
})
