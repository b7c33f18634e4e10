import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, haproxy, serving, startInstance, type TestInstance } from './gateway.fixture.ts'
import { sleep } from '../../kernel/index.ts'
import { Load, type LoadResult } from './load.fixture.ts'

/** Load while one instance after the other is killed and started again where it was. */
async function loadWhileKilling(retries: boolean): Promise<LoadResult> {
  await using made = await serving(['a', 'b', 'c'], { retries })
  const instances: TestInstance[] = [...made.instances]
  using load = new Load(made.url, 500)
  await sleep(clock, 300)
  for (let round = 0; round < 4; round++) {
    const index = round % 3
    const victim = instances[index]
    assert.ok(victim !== undefined)
    victim.kill()
    await sleep(clock, 250)
    instances[index] = await startInstance(victim.id, victim.port)
    await sleep(clock, 350)
  }
  const result = await load.stop()
  for (const instance of instances) instance.kill()
  return result
}

test('500 requests a second meet no failure while instances are killed', haproxy, async () => {
  const { sent, failures, byInstance } = await loadWhileKilling(true)
  assert.ok(sent > 1_000, `only ${sent} requests were sent`)
  assert.deepEqual(failures, [])
  assert.equal(byInstance.size, 3)
})

test('the same load meets failures when the plan says no retries', haproxy, async () => {
  const { failures } = await loadWhileKilling(false)
  assert.ok(failures.length > 0, 'the kills went unnoticed, so the test above proves nothing')
})
