/** A process that works on the sagas of a test, and may be armed to die at a boundary. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createPostgresServer } from '../../engines/postgres/client/index.ts'
import { createTokens } from '../../identity/index.ts'
import { createWorld } from '../../kernel/index.ts'
import { startInstance } from '../../runtime/index.ts'
import { createMemorySink, createTelemetry } from '../../telemetry/index.ts'
import { type TestApplication, TestServer } from '../../testing/index.ts'
import { type Boundary, unbookable } from './boundaries.fixture.ts'

interface Arguments {
  readonly url: string
  readonly place: Boundary | undefined
}

async function work({ url, place }: Arguments): Promise<void> {
  const world = createWorld()
  const { clock, random, ids } = world
  const sink = createMemorySink()
  await startInstance({
    ...{ application: unbookable(), world, schedules: false, seed: false },
    telemetry: createTelemetry({ clock, random, sink, service: 'trips', level: 'error' }),
    server: createPostgresServer({ url }),
    tokens: createTokens({ clock, ids, secrets: ['a'.repeat(40)], issuer: 'trips' }),
    messageLimits: { leaseMs: 300, concurrencyMax: 2 },
  })
  if (place !== undefined) world.faults.arm(place.point, 'kill', place.nth)
}

export class MortalWorker implements AsyncDisposable {
  readonly #child: ChildProcess
  /** The signal that it died of. */
  readonly ended: Promise<string | null>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.ended = new Promise((resolve) => {
      child.once('exit', (_code, signal) => resolve(signal))
    })
  }

  static async start(app: TestApplication, place: Arguments['place']): Promise<MortalWorker> {
    const server = await TestServer.acquire()
    const url = server.urlOf(String(app.server.database))
    await server.release()
    const given: Arguments = { url, place }
    const file = fileURLToPath(import.meta.url)
    const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning']
    const child = spawn(process.execPath, [...flags, file, JSON.stringify(given)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return new MortalWorker(child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

const [, script, text] = process.argv
if (script === fileURLToPath(import.meta.url) && text !== undefined) {
  await work(JSON.parse(text) as Arguments)
}
