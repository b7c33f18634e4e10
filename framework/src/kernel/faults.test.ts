import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armFaults, Faults } from './index.ts'

test('an unarmed fault point is passed; an armed one acts once, on its passing', async () => {
  const killed: string[] = []
  const faults = new Faults(() => killed.push('kill'))
  await faults.reach('checkout.reserved')
  faults.arm('checkout.reserved', 'fail', 2)
  await faults.reach('checkout.reserved')
  await faults.reach('checkout.paid')
  await assert.rejects(faults.reach('checkout.reserved'), {
    code: 'KERNEL_FAULT_INJECTED',
    details: { point: 'checkout.reserved' },
  })
  await faults.reach('checkout.reserved')
  assert.deepEqual(killed, [])
})

test('a point armed to kill or to hang never continues', async () => {
  const killed: string[] = []
  const faults = new Faults(() => killed.push('kill'))
  faults.arm('a', 'kill')
  faults.arm('b', 'hang')
  let passed = 0
  void faults.reach('a').then(() => passed++)
  void faults.reach('b').then(() => passed++)
  await new Promise((resolve) => void setImmediate(resolve))
  assert.deepEqual([passed, killed], [0, ['kill']])
})

test('disarming and recording: which points were reached', async () => {
  const faults = new Faults(() => assert.fail('disarmed'))
  faults.arm('a', 'kill')
  faults.disarm()
  await faults.reach('a')
  assert.deepEqual([...faults.reached], [])
  faults.recording = true
  await faults.reach('a')
  await faults.reach('b')
  assert.deepEqual([...faults.reached], ['a', 'b'])
})

test('faults are armed from text, and bad text is refused', async () => {
  const faults = new Faults()
  armFaults(faults, 'a=fail, b.c-d=fail@3,')
  await assert.rejects(faults.reach('a'), { code: 'KERNEL_FAULT_INJECTED' })
  await faults.reach('b.c-d')
  await faults.reach('b.c-d')
  await assert.rejects(faults.reach('b.c-d'), { code: 'KERNEL_FAULT_INJECTED' })
  for (const text of ['a', 'a=boom', '=fail', 'a=fail@', 'a=fail@x']) {
    assert.throws(() => armFaults(faults, text), { code: 'KERNEL_FAULTS_INVALID' }, text)
  }
})
