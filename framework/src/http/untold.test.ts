import assert from 'node:assert/strict'
import test from 'node:test'
import * as z from 'zod'
import { command } from '../contract/index.ts'
import { BanyanError } from '../kernel/index.ts'
import { operationOf, serve } from './http.fixture.ts'

function failing(code: string): ReturnType<typeof operationOf> {
  const nothing = z.object({})
  const declared = command({
    ...{ input: nothing, output: nothing },
    ...{ http: 'POST /fail', access: 'public' },
  })
  const text = { message: `${code} happened`, fix: 'Do it right.' }
  return operationOf('shopFloor.fail', declared, () => {
    throw new BanyanError({ code, kind: 'unavailable' }, text, { host: 'db' })
  })
}

test('what was written for operators stays inside: addresses, constraints, advice', async () => {
  for (const code of ['DATA_UNAVAILABLE', 'DATA_CONSTRAINT_VIOLATED', 'CALL_FETCH_REFUSED']) {
    await using fixture = await serve([failing(code)])
    const text = await (await fetch(`${fixture.url}/fail`, { method: 'POST' })).text()
    const problem = JSON.parse(text) as Record<string, unknown>
    assert.equal(problem['code'], code)
    assert.equal(problem['detail'], 'something that is needed does not answer; try again later')
    assert.ok(
      !text.includes('happened') && !text.includes('Do it right') && !text.includes('"host"'),
    )
    await fixture.telemetry.logs.flush()
    const logged = fixture.sink.lines.filter((line) => line.includes(`"msg":"${code} happened"`))
    assert.equal(logged.length, 1, 'operators find the words under the trace id')
    assert.ok(logged[0]?.includes(String(problem['traceId'])))
  }
})
