import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeededRandom, FakeClock } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { remotePeerRefused } from './errors.ts'
import { RefusalLog } from './refusal-log.ts'

test('every refused peer is counted, and ten a second are written down', async () => {
  const clock = new FakeClock()
  const sink = createMemorySink()
  const random = createSeededRandom(1)
  const telemetry = createTelemetry({ clock, random, service: 'sales', sink })
  const refusals = new RefusalLog(clock, telemetry)
  const error = remotePeerRefused({ peer: '10.0.0.9:1', cause: 'no certificate' })
  for (let second = 0; second < 3; second++) {
    for (let count = 0; count < 50; count++) refusals.report(error)
    await clock.advance(1_000)
  }
  await telemetry.logs.flush()
  assert.equal(sink.lines.length, 30)
  assert.match(
    sink.lines[0] ?? '',
    /REMOTE_PEER_REFUSED.*10\.0\.0\.9:1 was refused: no certificate/,
  )
  assert.match(telemetry.metrics.text(), /banyan_peers_refused_total 150/)
})
