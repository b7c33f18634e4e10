import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import type { CarriedMessage, Transport } from '../../messages/index.ts'
import { natsServer, TestNats, until } from './nats-server.fixture.ts'

const server = natsServer.skip === undefined ? await TestNats.start() : undefined
after(() => server?.[Symbol.asyncDispose]())
const topic = 'orders.paid'
const script = new URL('./consumer-process.fixture.ts', import.meta.url).pathname

/** A consumer as a process of its own. */
interface Consumer extends AsyncDisposable {
  readonly child: ChildProcess
  readonly given: string[]
}

function startConsumer(application: string, how: string, taken: string[]): Consumer {
  const child = spawn(
    process.execPath,
    ['--conditions=source', script, server?.url ?? '', application, topic, how],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const given: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const value = JSON.parse(line) as { given?: string[]; taken?: string[] }
    given.push(...(value.given ?? []))
    taken.push(...(value.taken ?? []))
  })
  return {
    child,
    given,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function opened(application: string): Promise<Transport> {
  assert.ok(server !== undefined)
  const transport = server.transport()
  const consumers = [{ name: 'shipping', topics: [topic] }]
  await transport.open({ application, topics: [topic], consumers })
  return transport
}

function messages(from: number, count: number): CarriedMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `m-${from + index}`
    return { id, name: topic, version: 1, key: 'one', payload: '{}', headers: '{}' }
  })
}

const idsOf = (all: readonly CarriedMessage[]): string[] => all.map(({ id }) => id)

test('what a process held when it was killed goes to another one first', natsServer, async () => {
  await using transport = await opened('killed')
  const taken: string[] = []
  await using dying = startConsumer('killed', 'hang', taken)
  const sent = messages(0, 40)
  await transport.publish(sent.slice(0, 20))
  await until(async () => dying.given.length > 0, 'the process was given something')
  await transport.consume('shipping', async (batch) => void taken.push(...idsOf(batch)))
  dying.child.kill('SIGKILL')
  await transport.publish(sent.slice(20))
  await until(async () => taken.length >= 40, 'all arrive')
  assert.deepEqual([...new Set(taken)], idsOf(sent))
})

test('a process that was stopped and goes on late breaks no order', natsServer, async () => {
  await using transport = await opened('stopped')
  const taken: string[] = []
  await using stopped = startConsumer('stopped', 'commit', taken)
  const sent = messages(0, 120)
  await transport.publish(sent.slice(0, 20))
  await until(async () => taken.length >= 20, 'the process consumes')
  stopped.child.kill('SIGSTOP')
  // they go to the open request of the process that does not read
  await transport.publish(sent.slice(20, 80))
  await transport.consume('shipping', async (batch) => void taken.push(...idsOf(batch)))
  await until(async () => taken.length >= 80, 'another process took over')
  stopped.child.kill('SIGCONT')
  for (let from = 80; from < 120; from += 10) await transport.publish(sent.slice(from, from + 10))
  await until(async () => new Set(taken).size >= 120, 'all arrive')
  assert.deepEqual([...new Set(taken)], idsOf(sent))
})
