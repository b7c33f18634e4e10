/** One contender, measured in a process of its own: it adds and works, as one instance would. */
import type { Contender, Engines } from './contender.ts'

/** What the runner says. */
export interface ClientPlan extends Engines {
  readonly file: string
  readonly seconds: number
  /** Jobs that are drained. */
  readonly jobs: number
}

export interface Figures {
  readonly enqueuesPerSecond: number
  readonly oneByOnePerSecond: number
  readonly batchPerSecond: number
  readonly drainedPerSecond: number
  readonly startP50Ms: number
  readonly startP99Ms: number
}

const callers = 64
const addsPerSecond = 200
const drainMsMax = 120_000

async function measure(plan: ClientPlan): Promise<Figures> {
  const { open }: { open(engines: Engines): Promise<Contender> } = await import(plan.file)
  const contender = await open(plan)
  try {
    await enqueue(contender, callers, 0.5)
    await contender.clear()
    const enqueuesPerSecond = await enqueue(contender, callers, plan.seconds)
    await contender.clear()
    const oneByOnePerSecond = await enqueue(contender, 1, plan.seconds)
    await contender.clear()
    const { batchPerSecond, drainedPerSecond } = await drain(contender, plan.jobs)
    const waits = await latency(contender, plan.seconds)
    const at = (share: number): number => waits[Math.floor(waits.length * share)] ?? Number.NaN
    return {
      ...{ enqueuesPerSecond, oneByOnePerSecond, batchPerSecond, drainedPerSecond },
      ...{ startP50Ms: at(0.5), startP99Ms: at(0.99) },
    }
  } finally {
    await contender.close()
  }
}

async function enqueue(contender: Contender, count: number, seconds: number): Promise<number> {
  const startMs = performance.now()
  const endMs = startMs + seconds * 1_000
  let added = 0
  const call = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await contender.add(0)
      added++
    }
  }
  await Promise.all(Array.from({ length: count }, call))
  return (added / (performance.now() - startMs)) * 1_000
}

async function drain(
  contender: Contender,
  jobs: number,
): Promise<Pick<Figures, 'batchPerSecond' | 'drainedPerSecond'>> {
  const fillMs = performance.now()
  await contender.addMany(jobs)
  const batchPerSecond = (jobs / (performance.now() - fillMs)) * 1_000
  let left = jobs
  const all = Promise.withResolvers<void>()
  const startMs = performance.now()
  const tooLong = setTimeout(() => all.reject(new Error(`${left} jobs were left`)), drainMsMax)
  await contender.work(() => {
    left--
    if (left === 0) all.resolve()
  })
  await all.promise
  clearTimeout(tooLong)
  const drainedPerSecond = (jobs / (performance.now() - startMs)) * 1_000
  await contender.clear()
  return { batchPerSecond, drainedPerSecond }
}

/** From the call that adds a job to the begin of its work, on a worker that has nothing else to do. */
async function latency(contender: Contender, seconds: number): Promise<readonly number[]> {
  const waits: number[] = []
  await contender.work((atMs) => void waits.push(performance.now() - atMs))
  await pause(500)
  const count = addsPerSecond * seconds
  const added: Promise<unknown>[] = []
  const startMs = performance.now()
  for (let index = 0; index < count; index++) {
    const dueMs = startMs + (index * 1_000) / addsPerSecond
    const leftMs = dueMs - performance.now()
    if (leftMs > 0) await pause(leftMs)
    added.push(contender.add(performance.now()))
  }
  await Promise.all(added)
  for (let turn = 0; waits.length < count && turn < 500; turn++) await pause(10)
  if (waits.length < count) throw new Error(`${count - waits.length} jobs never began`)
  return waits.toSorted((a, b) => a - b)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '{}'))))
