import { isMainThread, parentPort, type MessagePort, workerData } from 'node:worker_threads'
import {
  describeThrown,
  type TaskAnswer,
  type TaskRequest,
  type ThreadStart,
  type ThreadTask,
} from './task-protocol.ts'

/** The program of one thread: loads the pool's module, then runs one task after the other. */
async function serve(port: MessagePort, start: ThreadStart): Promise<void> {
  const send = (answer: TaskAnswer): void => port.postMessage(answer)
  try {
    const run = await loadTask(start.module)
    port.on('message', (request: TaskRequest) => void answer(port, run, request))
    send({ type: 'ready' })
  } catch (error) {
    const { name, message } = describeThrown(error)
    send({ type: 'unusable', cause: `${name}: ${message}` })
  }
}

async function loadTask(module: string): Promise<ThreadTask<unknown, unknown>> {
  const loaded = await importModule(module)
  const run = loaded['run']
  if (typeof run !== 'function') throw new TypeError('it exports no function called "run"')
  return run as ThreadTask<unknown, unknown>
}

/** A compiled program still names the `.ts` file in its URL: no compiler rewrites those. */
async function importModule(module: string): Promise<Record<string, unknown>> {
  try {
    return (await import(module)) as Record<string, unknown>
  } catch (error) {
    if (!module.endsWith('.ts') || !isMissing(error, module)) throw error
    return (await import(`${module.slice(0, -'.ts'.length)}.js`)) as Record<string, unknown>
  }
}

function isMissing(error: unknown, module: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('url' in error)) return false
  return error.code === 'ERR_MODULE_NOT_FOUND' && error.url === module
}

async function answer(
  port: MessagePort,
  run: ThreadTask<unknown, unknown>,
  request: TaskRequest,
): Promise<void> {
  const moved: ArrayBuffer[] = []
  try {
    const output = await run(request.input, { transfer: (buffer) => void moved.push(buffer) })
    post(port, { type: 'done', output }, moved)
  } catch (error) {
    post(port, { type: 'failed', error: describeThrown(error) }, [])
  }
}

function post(port: MessagePort, answer: TaskAnswer, moved: readonly ArrayBuffer[]): void {
  try {
    port.postMessage(answer, moved)
  } catch (error) {
    const cause = describeThrown(error).message
    port.postMessage({ type: 'uncloneable', cause } satisfies TaskAnswer)
  }
}

function isThreadStart(value: unknown): value is ThreadStart {
  return typeof value === 'object' && value !== null && 'banyanThreads' in value
}

if (!isMainThread && parentPort !== null && isThreadStart(workerData)) {
  await serve(parentPort, workerData)
}
