import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  runTransportCheck,
  type TransportCheckName,
  type TransportSubject,
  transportSuite,
} from './transport.suite.ts'
import {
  type Fault,
  MemoryEngine,
  MemoryTransport,
} from './transport-suite/memory-transport.fixture.ts'

function subjectOf(...faults: readonly Fault[]): TransportSubject {
  const engine = new MemoryEngine(...faults)
  return {
    application: 'suite',
    transport: async () => new MemoryTransport(engine),
    kill: () => engine.kill(),
    restart: () => engine.restart(),
    patienceMs: faults.length === 0 ? 10_000 : 500,
    calmMs: 50,
    refusalMs: 500,
  }
}

transportSuite('an engine in memory', async () => subjectOf())

/** Each way to break the port, the check that must notice, and what it must say. */
const faults: readonly (readonly [Fault, TransportCheckName, RegExp])[] = [
  ['loses one', 'largestBatch', /1 of 1000 messages are missing/],
  ['loses one', 'backlog', /1 of 300 messages are missing/],
  ['swaps two', 'twoProcesses', /key-0: number 0 arrived after 5/],
  ['swaps two', 'largestBatch', /key-0: number 1 arrived after 5/],
  ['forgets a rejected batch', 'again', /120 of 200 messages are missing/],
  ['forgets a rejected batch', 'random', /of 2000 messages are missing/],
  ['puts a rejected batch behind the others', 'again', /number 0 arrived after/],
  ['puts a rejected batch behind the others', 'random', /arrived after/],
  ['forgets the batch of a process that died', 'crash', /of 100 messages are missing/],
  ['keeps nothing for those who are away', 'backlog', /300 of 300 messages are missing/],
  ['gives everything to everyone', 'fanOut', /that was not meant/],
  ['drops the headers', 'equal', /headers of a message of orders.paid arrived as {}/],
  ['calls an empty key none', 'equal', /key of a message of orders.paid arrived as undefined/],
  ['never acknowledges', 'acknowledged', /that was not meant/],
  ['gives to two processes at once', 'twoProcesses', /arrived after/],
  ['refuses topics without consumers', 'unheard', /unroutable/],
  ['empties a queue that is declared again', 'reopened', /10 of 20 messages are missing/],
  ['stops at once', 'stop', /did not wait/],
  ['goes on after stop', 'stop', /a batch was given after stop/],
  ['confuses applications', 'apart', /messages are missing/],
  ['hangs while it is down', 'killed', /validation function/],
  ['forgets everything when it is killed', 'killed', /messages are missing/],
  ['gives batch upon batch', 'largestBatch', /while another one was under way/],
]

for (const [fault, check, words] of faults) {
  test(`the check "${check}" notices an engine that ${fault}`, async () => {
    const said = await runTransportCheck(check, subjectOf(fault)).then(
      () => 'nothing',
      (error: Error) => [error.message, error.cause].join(': '),
    )
    assert.match(said, words)
  })
}
