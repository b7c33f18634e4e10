import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Samples } from '../measure/result.ts'
import type { CellSeen } from './client.ts'
import { addFigures } from './figures.ts'
import { carrierNotes, judgeRemoteCall, loneCallerNote } from './verdicts.ts'

const good = {
  'banyan-tcp.64 callers': 120_000,
  'banyan-tcp.256 uneven': 70_000,
  'banyan-tcp.256 over delay': 0.9,
  'banyan-tcp.1 caller p50': 120,
  'banyan-mtls.64 callers': 110_000,
  'moleculer.64 callers': 75_000,
  'nestjs.64 callers': 60_000,
  'grpc.64 callers': 7_000,
  'http.1 caller p50': 100,
}

function cellsOf(figures: Readonly<Record<string, number>>) {
  const samples = new Samples()
  for (const [name, value] of Object.entries(figures)) {
    const [subject = '', metric = ''] = name.split('.')
    samples.add(subject, metric, value)
  }
  return samples.cells()
}

const outcomesOf = (figures: Readonly<Record<string, number>>) =>
  judgeRemoteCall(cellsOf(figures)).map(({ outcome }) => outcome)

test('good figures meet every target', () => {
  assert.ok(outcomesOf(good).every((outcome) => outcome === 'met'))
})

test('each target is missed by the figure that it judges', () => {
  const missedBy = (figure: string, value: number) =>
    outcomesOf({ ...good, [figure]: value }).flatMap((seen, at) => (seen === 'missed' ? [at] : []))
  assert.deepEqual(missedBy('banyan-tcp.64 callers', 79_999), [0, 1, 2])
  assert.deepEqual(missedBy('moleculer.64 callers', 100_000), [1])
  assert.deepEqual(missedBy('nestjs.64 callers', 100_000), [1])
  assert.deepEqual(missedBy('grpc.64 callers', 9_000), [2])
  assert.deepEqual(missedBy('banyan-mtls.64 callers', 101_000), [3])
  assert.deepEqual(missedBy('banyan-tcp.256 uneven', 59_999), [4])
  assert.deepEqual(missedBy('banyan-tcp.256 over delay', 1.1), [5])
  assert.deepEqual(missedBy('banyan-tcp.1 caller p50', 131), [6])
  assert.deepEqual(missedBy('banyan-mtls.64 callers', 99_000), [3, 7])
})

test('a target without its peer is not measured', () => {
  const { 'nestjs.64 callers': _nestjs, ...without } = good
  assert.equal(outcomesOf(without)[1], 'not measured')
  assert.ok(outcomesOf({}).every((outcome) => outcome === 'not measured'))
})

test('mTLS that costs nothing meets its target', () => {
  assert.equal(outcomesOf({ ...good, 'banyan-mtls.64 callers': 130_000 })[3], 'met')
})

test('the note compares lone callers with bare HTTP', () => {
  assert.match(loneCallerNote(cellsOf(good)), /banyan-tcp 1\.20, http 1\.00/)
})

test('the cells that other carriers lose are named with their winners', () => {
  const figures = {
    'banyan-tcp.64 callers': 1,
    'banyan-post.64 callers': 20_000,
    'banyan-post.64 p50': 3,
    'moleculer.64 callers': 70_000,
    'moleculer.64 p50': 4,
    'http.64 callers': 30_000,
    'inline.64 callers': 2_000_000,
  }
  assert.deepEqual(carrierNotes(cellsOf(figures)), [
    'banyan-post loses 64 callers to moleculer, http',
  ])
  assert.deepEqual(carrierNotes(cellsOf(good)), [])
})

const seen: CellSeen = {
  cell: 'uneven',
  calls: 1_000,
  callsPerSecond: 500,
  p50Us: 3_000,
  p99Us: 9_000,
  errors: 0,
  before: { load1: 0 },
  foreignCores: 0.5,
}

test('a cell becomes its metrics, and foreign CPU flags it', () => {
  const samples = new Samples()
  const facts = addFigures(samples, seen, { subject: 'peer', round: 1 })
  assert.equal(facts.flagged, true)
  const figures = samples.cells().map(({ metric, median }) => [metric, median])
  assert.deepEqual(figures, [
    ['256 uneven', 500],
    ['256 p50', 3],
    ['256 over delay', 0.5],
    ['256 p99', 9],
  ])
})

test('a subject with a failed call, or without any, has no figures', () => {
  const at = { subject: 'peer', round: 1 }
  const failed = { ...seen, errors: 1, firstError: 'reset' }
  assert.throws(() => addFigures(new Samples(), failed, at), /1 calls failed: reset/)
  assert.throws(() => addFigures(new Samples(), { ...seen, calls: 0 }, at), /no call was answered/)
})
