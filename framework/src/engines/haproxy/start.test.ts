import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewayOf, haproxy, serving } from './fixture.ts'

test('a gateway passes requests on to the instances it was told about', haproxy, async () => {
  await using made = await serving(['a', 'b'])
  const answer = await fetch(`${made.url}/orders`)
  assert.equal(answer.status, 200)
  assert.match(await answer.text(), /^[ab]$/)
  console.log(made.events, made.lines, await made.gateway.stats())
})
