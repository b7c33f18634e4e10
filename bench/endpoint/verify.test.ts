import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Duty, duties, startPlainServer } from './plain-server.ts'
import { findViolations } from './verify.ts'

test('a server that does every duty is accepted', async () => {
  assert.deepEqual(await findViolations(await startPlainServer()), [])
})

const complaints: Record<Duty, RegExp> = {
  token: /without a token got 200/,
  signature: /token of another secret got 200/,
  expiry: /expired token got 200/,
  audience: /another audience got 200/,
  input: /a bad email got 200/,
  'input-strip': /unknown keys stripped/,
  'output-strip': /not the declared one/,
  log: /no single access log line/,
  'log-once': /no single access log line/,
  'trace-id': /200 of 200 requests did not deliver/,
  'server-span': /exactly one server span/,
  'child-span': /with one child span/,
  histogram: /the histogram counted 0 of 200/,
}

for (const duty of duties) {
  test(`a server that skips the duty "${duty}" is refused`, async () => {
    const violations = await findViolations(await startPlainServer(duty))
    assert.match(violations.join('\n'), complaints[duty])
  })
}
