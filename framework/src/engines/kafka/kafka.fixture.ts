/** What tests of Kafka run against: the mock cluster inside `kcat`, and the user's own brokers. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Clock, createSystemClock, sleep } from '../../kernel/index.ts'
import type { Transport } from '../../messages/index.ts'
import { createKafkaTransport, type KafkaTransportOptions } from './index.ts'

export const clock: Clock = createSystemClock()
const startMs = 10_000

/** The user's brokers, where the whole suite runs: `KAFKA_BROKERS=host:9092,…`; undefined when not given. */
export const ownBrokers: readonly string[] | undefined = process.env['KAFKA_BROKERS']
  ?.split(',')
  .map((broker) => broker.trim())
  .filter((broker) => broker !== '')

/** The options of a test that needs the mock: skipped without kcat, unless engines are required. */
export const kcat: { readonly skip?: string } = await new Promise<boolean>((resolve) => {
  execFile('kcat', ['-V'], { timeout: startMs }, (error) => resolve(error === null))
}).then((isThere) => {
  if (isThere) return {}
  const missing = 'kcat is not installed: npm run engines'
  if (process.env['BANYAN_REQUIRE_ENGINES'] === '1') throw new Error(missing)
  return { skip: missing }
})

/** A mock cluster of three brokers on loopback, in memory, which ends with the fixture. It has no
 *  controller, and keeps a few MiB per partition. */
export class MockCluster implements AsyncDisposable {
  readonly brokers: readonly string[]
  readonly #process: ChildProcess

  private constructor(brokers: readonly string[], child: ChildProcess) {
    this.brokers = brokers
    this.#process = child
  }

  static async start(): Promise<MockCluster> {
    const child = spawn(
      'kcat',
      ['-P', '-t', 'keep', '-b', 'mock', '-X', 'test.mock.num.brokers=3', '-d', 'mock'],
      // it lives for as long as it may read
      { stdio: ['pipe', 'ignore', 'pipe'] },
    )
    let text = ''
    child.stderr.on('data', (data: Buffer) => {
      if (text.length < 65_536) text += data.toString()
    })
    const endMs = clock.monotonicMs() + startMs
    for (;;) {
      const found = /bootstrap\.servers=([0-9.:,]+:\d+)\s/.exec(text)?.[1]
      if (found !== undefined) return new MockCluster(found.split(','), child)
      if (clock.monotonicMs() > endMs || child.exitCode !== null) {
        child.kill('SIGKILL')
        throw new Error(`the mock cluster did not start: ${text}`)
      }
      await sleep(clock, 25)
    }
  }

  transport(options: Partial<KafkaTransportOptions> = {}): Transport {
    return createKafkaTransport({
      brokers: this.brokers,
      clock,
      acceptUnverified: true,
      // the mock also makes others wait for as long when a member leaves
      leaseMs: 5_000,
      ...options,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}
