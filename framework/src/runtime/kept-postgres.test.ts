import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import { type Clock, createSystemClock, createSystemRandom, sleep } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { KeptPostgres } from './kept-postgres.ts'

const clock = createSystemClock()

async function startKept(given: Clock = clock) {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-kept-'))
  const sink = createMemorySink()
  const { logs } = createTelemetry({ clock, random: createSystemRandom(), service: 'test', sink })
  const kept = await KeptPostgres.start({
    ...{ folder, clock: given, logs },
    connectTo: (url) => createPostgresServer({ url }),
  })
  return {
    ...{ kept, folder },
    async messages(): Promise<readonly unknown[]> {
      await logs.flush()
      return sink.lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg)
    },
    async [Symbol.asyncDispose]() {
      await kept[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Kills the server as a system short of memory does. */
async function killServer(folder: string): Promise<void> {
  const text = await readFile(path.join(folder, 'data', 'postmaster.pid'), 'utf8')
  process.kill(Number.parseInt(text, 10), 'SIGKILL')
}

async function untilReached({ server }: KeptPostgres): Promise<void> {
  const endMs = clock.monotonicMs() + 15_000
  for (;;) {
    try {
      return await (await server.connect()).close()
    } catch (problem) {
      assert.equal((problem as { cause: string }).cause, 'unreachable')
      assert.ok(clock.monotonicMs() < endMs, 'the server did not come back')
      await sleep(clock, 20)
    }
  }
}

test('a server that is killed under a running instance is started again, and reached as before', async () => {
  await using started = await startKept()
  const { kept, folder } = started
  const connection = await kept.server.connect()
  const lost = new Promise<void>((resolve) => connection.onLost(resolve))
  await killServer(folder)
  await lost
  await sleep(clock, 50)
  await untilReached(kept)
  // it is reached a moment before it is said to run
  for (let turn = 0; turn < 250 && (await started.messages()).length < 2; turn++) {
    await sleep(clock, 20)
  }
  assert.deepEqual(await started.messages(), [
    'the embedded PostgreSQL ended; starting it again',
    'the embedded PostgreSQL runs again',
  ])
})

test('a server that was asked to stop is not started again', async () => {
  const started = await startKept()
  await started[Symbol.asyncDispose]()
  assert.deepEqual(await started.messages(), [])
})

test('a server that cannot be started any more is given up: RUNTIME_DATABASE_LOST', async () => {
  const hasty: Clock = {
    ...clock,
    after: (delayMs, run, options) => clock.after(delayMs > 5_000 ? delayMs : 1, run, options),
  }
  await using started = await startKept(hasty)
  const { kept, folder } = started
  await writeFile(path.join(folder, 'PG_VERSION'), 'somebody put a data folder here')
  await killServer(folder)
  const error = await kept.lost
  assert.equal(error.code, 'RUNTIME_DATABASE_LOST')
  assert.equal(error.kind, 'unavailable')
  assert.match(error.message, /itself a PostgreSQL data folder/)
})
