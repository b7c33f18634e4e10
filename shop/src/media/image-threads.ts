import type { Clock } from 'banyan/kernel'
import { createThreadPool, type ThreadPool } from 'banyan/threads'
import type { Width } from './contract.ts'
import type { CleanImage, ImageTask, ImageTaskResult, MadeVariant } from './image-task.ts'

type Pool = ThreadPool<ImageTask, ImageTaskResult>

/** One pool per running application, known by its clock. Its threads end when they idle. */
const pools = new WeakMap<Clock, Pool>()

/** Who asks, and until when. */
interface Asking {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** An upload as it is kept. @throws MEDIA_IMAGE_REFUSED · THREADS_BUSY · THREADS_TIMEOUT */
export async function cleanImage(asking: Asking, bytes: Uint8Array): Promise<CleanImage> {
  return (await runTask(asking, { do: 'clean', bytes })) as CleanImage
}

/** Both formats of one width. @throws THREADS_BUSY · THREADS_TIMEOUT */
export async function resizeImage(
  asking: Asking,
  bytes: Uint8Array,
  width: Width,
): Promise<readonly MadeVariant[]> {
  return (await runTask(asking, { do: 'resize', bytes, width })) as readonly MadeVariant[]
}

async function runTask({ clock, signal }: Asking, task: ImageTask): Promise<ImageTaskResult> {
  // The library asks to be loaded by the main thread before any other: what it links is set up once.
  await import('sharp')
  return poolOf(clock).run(task, { signal })
}

function poolOf(clock: Clock): Pool {
  const known = pools.get(clock)
  if (known !== undefined) return known
  const pool: Pool = createThreadPool({
    name: 'images',
    module: new URL('./image-worker.ts', import.meta.url),
    threads: 2,
    queueMax: 32,
    timeoutMs: 15_000,
    memoryMbMax: 256,
    clock,
  })
  pools.set(clock, pool)
  return pool
}
