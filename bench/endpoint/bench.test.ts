import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeLocalCall } from '../local-call/bench.ts'
import { Samples } from '../measure/result.ts'
import { judgeEndpoint } from './bench.ts'

function endpointOutcomes(figures: Readonly<Record<string, number>>): string[] {
  const samples = new Samples()
  for (const [name, value] of Object.entries(figures)) {
    const [subject = '', metric = ''] = name.split('.')
    samples.add(subject, metric, value)
  }
  return judgeEndpoint(samples.cells()).map(({ outcome }) => outcome)
}

const figures = {
  'banyan.throughput': 36_000,
  'banyan.p99': 20,
  'banyan.spans': 100,
  'fastify.throughput': 10_000,
  'fastify.p99': 50,
  'nestjs.throughput': 3_000,
}

test('the endpoint targets compare Banyan with the peers of the same run', () => {
  assert.deepEqual(endpointOutcomes(figures), ['met', 'met', 'met', 'met', 'met', 'met'])
  const slower = { ...figures, 'banyan.throughput': 24_000, 'banyan.p99': 26 }
  const outcomes = ['missed', 'met', 'missed', 'met', 'missed', 'missed']
  assert.deepEqual(endpointOutcomes(slower), outcomes)
})

test('spans lost at saturation are a missed target: speed bought with lost spans does not count', () => {
  assert.equal(endpointOutcomes({ ...figures, 'banyan.spans': 80 })[3], 'missed')
})

test('without Banyan no endpoint target is met', () => {
  assert.ok(endpointOutcomes({ 'fastify.throughput': 1 }).every((seen) => seen === 'not measured'))
})

test('the local-call targets judge the whole call against 2 µs and a JSON round trip', () => {
  const samples = new Samples()
  samples.add('banyan', 'call', 1_000)
  samples.add('json', 'call', 4_900)
  const outcomes = judgeLocalCall(samples.cells()).map(({ outcome }) => outcome)
  assert.deepEqual(outcomes, ['met', 'missed'])
})
