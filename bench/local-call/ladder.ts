/** The measuring process of the local-call bench: every rung in one process, in interleaved samples,
 *  so that all of them see the same heap, the same optimised code and the same noise.
 *  node --expose-gc ladder.ts <rounds> <seconds>; prints one line of JSON (a `Ladder`). */
import { deepStrictEqual } from 'node:assert'
import { existsSync } from 'node:fs'
import { type OrderRequest, priceOrder, sampleOrder } from '../endpoint/order.ts'
import { busyness, ForeignCpu } from '../measure/machine.ts'
import { foreignCoresMax, type Round } from '../measure/result.ts'
import { cloneStep, directStep, jsonStep, openLoopbackStep, type Step } from './steps.ts'

export type LadderSample = {
  readonly step: string
  readonly nsPerCall: number
  readonly flagged: boolean
}

export type Ladder = {
  readonly samples: readonly LadderSample[]
  readonly rounds: readonly Round[]
  readonly missing: readonly string[]
}

/** Samples of one rung within one round. */
const samplesPerRound = 5
const batchCalls = 64

type BanyanStepModule = { openBanyanStep(): Promise<Step> }

async function openSteps(): Promise<Step[]> {
  const steps = [directStep, jsonStep, cloneStep, await openLoopbackStep()]
  const file = new URL('./banyan-step.ts', import.meta.url)
  if (existsSync(file)) {
    const { openBanyanStep }: BanyanStepModule = await import(file.href)
    steps.splice(1, 0, await openBanyanStep())
  }
  return steps
}

/** Every rung must give the same answer, or it is not the same call. */
async function checkAnswers(steps: readonly Step[], order: OrderRequest): Promise<void> {
  const { internalMarginMinor: undeclared, ...declared } = priceOrder(order, 'user-1')
  for (const step of steps) {
    const reply = await step.call(order)
    // A contract strips what the reply does not declare; the plain rungs let it through.
    const wanted =
      'internalMarginMinor' in reply ? { ...declared, internalMarginMinor: undeclared } : declared
    deepStrictEqual(reply, wanted, `${step.name} answers differently`)
  }
}

async function nsPerCall(
  step: Step,
  orders: readonly OrderRequest[],
  forMs: number,
): Promise<number> {
  globalThis.gc?.()
  const started = process.hrtime.bigint()
  const endsAt = started + BigInt(Math.round(forMs * 1e6))
  let calls = 0
  let now = started
  while (now < endsAt) {
    for (const order of orders) await step.call(order)
    calls += orders.length
    now = process.hrtime.bigint()
  }
  return Number(now - started) / calls
}

async function climb(rounds: number, seconds: number): Promise<Ladder> {
  const orders = Array.from({ length: batchCalls }, (_, index) => sampleOrder(index))
  const steps = await openSteps()
  const [first] = orders
  if (first !== undefined) await checkAnswers(steps, first)
  const sampleMs = (seconds * 1_000) / steps.length / samplesPerRound
  // Warm-up, so that no rung is measured while it is still being compiled.
  for (const step of steps) await nsPerCall(step, orders, 300)
  const samples: LadderSample[] = []
  const facts: Round[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const before = busyness()
    const foreign = new ForeignCpu([])
    const taken: Omit<LadderSample, 'flagged'>[] = []
    for (let sample = 0; sample < samplesPerRound; sample += 1) {
      for (const step of steps) {
        taken.push({ step: step.name, nsPerCall: await nsPerCall(step, orders, sampleMs) })
      }
    }
    const foreignCores = foreign.cores()
    const flagged = foreignCores !== undefined && foreignCores > foreignCoresMax
    samples.push(...taken.map((entry) => ({ ...entry, flagged })))
    const fact = { subject: 'all', round, before, flagged }
    facts.push(foreignCores === undefined ? fact : { ...fact, foreignCores })
  }
  for (const step of steps) await step[Symbol.asyncDispose]()
  const missing = steps.some(({ name }) => name === 'banyan') ? [] : ['banyan']
  return { samples, rounds: facts, missing }
}

const [rounds = '1', seconds = '1'] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(await climb(Number(rounds), Number(seconds)))}\n`)
