import assert from 'node:assert/strict'
import { test } from 'node:test'
import { losses, renderReport } from './report.ts'
import { type BenchResult, exitCodeOf, judge, Samples } from './result.ts'

const metrics = [
  { name: 'throughput', unit: 'req/s', better: 'higher' },
  { name: 'memory', unit: 'MB', better: 'lower' },
] as const
const options = { subject: 'ours', references: ['floor'] }

function resultWith(parts: Partial<BenchResult>): BenchResult {
  const samples = new Samples()
  samples.add('ours', 'throughput', 300)
  samples.add('ours', 'memory', 200)
  samples.add('peer', 'throughput', 100)
  samples.add('peer', 'memory', 150)
  samples.add('floor', 'throughput', 900)
  samples.add('floor', 'memory', 50)
  return {
    bench: 'example',
    measuredAt: '2026-11-22T00:00:00.000Z',
    command: 'npm run bench -- example',
    rounds: 1,
    seconds: 1,
    machine: {
      cpu: 'a cpu',
      cores: 2,
      memoryGiB: 4,
      platform: 'linux x64',
      kernel: '6',
      node: '24',
    },
    pinned: true,
    versions: {},
    metrics,
    cells: samples.cells(),
    verdicts: [],
    missing: [],
    refused: [],
    roundFacts: [],
    notes: [],
    ...parts,
  }
}

const threeTimes = { name: 'times the peer', wanted: 3, comparison: 'at least' } as const

test('a target is met at its own value and missed just beyond it, in both directions', () => {
  assert.equal(judge(threeTimes, 3).outcome, 'met')
  assert.equal(judge(threeTimes, 2.99).outcome, 'missed')
  const atMost = { ...threeTimes, comparison: 'at most' } as const
  assert.equal(judge(atMost, 3).outcome, 'met')
  assert.equal(judge(atMost, 3.01).outcome, 'missed')
})

test('a target without a measurement is never called met', () => {
  assert.equal(judge(threeTimes, undefined).outcome, 'not measured')
})

test('the report flags a missed target and says what was seen', () => {
  const report = renderReport(resultWith({ verdicts: [judge(threeTimes, 2)] }), options)
  assert.match(report, /MISSED {2}times the peer: at least 3, seen 2/)
})

test('a missed target fails the process only when asked to be strict', () => {
  const results = [resultWith({ verdicts: [judge(threeTimes, 2)] })]
  assert.equal(exitCodeOf(results, false), 0)
  assert.equal(exitCodeOf(results, true), 1)
  assert.equal(exitCodeOf([resultWith({ verdicts: [judge(threeTimes, 3)] })], true), 0)
})

test('a target that could not be measured fails a strict run', () => {
  const results = [resultWith({ verdicts: [judge(threeTimes, undefined)] })]
  assert.equal(exitCodeOf(results, true), 1)
})

test('a refused subject fails the process even when it is not strict', () => {
  const refused = [{ subject: 'peer', reason: 'no token check' }]
  assert.equal(exitCodeOf([resultWith({ refused })], false), 1)
  assert.match(renderReport(resultWith({ refused }), options), /REFUSED {2}peer: no token check/)
})

test('the cells that we lose are printed, those of the reference without duties are not', () => {
  assert.deepEqual(losses(resultWith({}), options), ['memory: peer 150 MB, ours 200 MB'])
  assert.match(renderReport(resultWith({}), options), /ours loses:\n {2}memory: peer 150 MB/)
})

test('a report without our own subject compares nothing and says so', () => {
  const cells = resultWith({}).cells.filter((cell) => cell.subject !== 'ours')
  assert.match(renderReport(resultWith({ cells }), options), /ours was not measured/)
})

test('rounds with foreign CPU are dropped when a quieter one exists, and kept otherwise', () => {
  const samples = new Samples()
  samples.add('ours', 'throughput', 10, true)
  samples.add('ours', 'throughput', 30, false)
  samples.add('ours', 'memory', 7, true)
  const [throughput, memory] = samples.cells()
  assert.deepEqual(throughput?.samples, [30])
  assert.deepEqual(memory?.samples, [7])
})
