import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { sleep } from '../../kernel/index.ts'
import {
  clock,
  gatewayOf,
  haproxy,
  planOf,
  startInstance,
  type TestGateway,
} from './gateway.fixture.ts'
import { Load } from './load.fixture.ts'
import { askMaster } from './runtime-api.ts'
import { waitUntil } from './wait-until.ts'

/** Another process that keeps the gateway of a folder, with one instance in it. */
const script = `
import { gatewayOf } from '${new URL('./gateway.fixture.ts', import.meta.url).href}'
const [, folder, port, instancePort, grace] = process.argv
const { gateway } = await gatewayOf({ folder, port: Number(port), orphanGraceMs: Number(grace) })
await gateway.start()
const address = { host: '127.0.0.1', port: Number(instancePort) }
await gateway.apply({ instances: [{ id: 'a', address, state: 'ready' }] })
console.log(gateway.pid)
setInterval(() => undefined, 1_000)
`

interface Keeper {
  readonly process: ChildProcess
  /** Of the HAProxy that it started. */
  readonly pid: number
}

async function startKeeper(
  { folder, port }: TestGateway,
  instancePort: number,
  graceMs: number,
): Promise<Keeper> {
  const flags = ['--conditions=source', '--input-type=module', '--eval', script, '--']
  const args = [folder, String(port), String(instancePort), String(graceMs)]
  const child = spawn(process.execPath, [...flags, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => ['0']),
  ])
  assert.notEqual(line[0], '0', 'the keeper ended')
  return { process: child, pid: Number(line[0]) }
}

async function killKeeper(keeper: Keeper): Promise<void> {
  keeper.process.kill('SIGKILL')
  await once(keeper.process, 'exit')
}

/** Ids of the processes of a group that still run, the watchdog included. */
async function groupMembers(group: number): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const stats = ids.map(async (id) => {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && state !== 'Z' ? [id] : []
  })
  return (await Promise.all(stats)).flat()
}

test(
  'a keeper that is killed and started again adopts HAProxy, and no request notices',
  haproxy,
  async () => {
    await using made = await gatewayOf()
    using instance = await startInstance('a')
    const keeper = await startKeeper(made, instance.port, 10_000)
    using load = new Load(made.url, 200)
    await sleep(clock, 300)
    await killKeeper(keeper)
    await sleep(clock, 300)
    await made.gateway.start()
    assert.equal(made.gateway.pid, keeper.pid)
    assert.deepEqual(
      made.events.map(({ type }) => type),
      ['adopted'],
    )
    // What it was told before it was killed still holds, and can be said again.
    await made.gateway.apply({ instances: [instance.as('ready')] })
    assert.equal(made.events.length, 1)
    await sleep(clock, 200)
    const { sent, failures } = await load.stop()
    assert.ok(sent > 50)
    assert.deepEqual(failures, [])
    await made.gateway.stop(0)
    assert.deepEqual(await made.gateway.exited, { code: null, signal: null })
  },
)

test('an adopted HAProxy takes up the new plan and keeps its instances', haproxy, async () => {
  await using made = await gatewayOf()
  using instance = await startInstance('a')
  await made.gateway.start()
  await made.gateway.apply({ instances: [instance.as('ready')] })
  using load = new Load(made.url, 200)
  await sleep(clock, 200)
  const plan = planOf(made.port, { checkEveryMs: 300 })
  await using other = await gatewayOf({ folder: made.folder, plan, port: made.port })
  await other.gateway.start()
  assert.equal(other.gateway.pid, made.gateway.pid)
  assert.deepEqual(
    other.events.map(({ type }) => type),
    ['reloaded', 'adopted'],
  )
  const { instances } = await other.gateway.stats()
  assert.deepEqual(
    instances.map(({ id, state }) => [id, state]),
    [['a', 'up']],
  )
  await sleep(clock, 200)
  const { failures } = await load.stop()
  assert.deepEqual(failures, [])
})

test(
  'HAProxy is adopted even while it replaces itself, and never started twice',
  haproxy,
  async () => {
    await using made = await gatewayOf()
    await made.gateway.start()
    for (const delayMs of [0, 5, 10, 20, 30, 45]) {
      await askMaster(join(made.folder, 'master.sock'), 'reload')
      await sleep(clock, delayMs)
      const other = await gatewayOf({ folder: made.folder, port: made.port })
      await other.gateway.start()
      assert.equal(other.gateway.pid, made.gateway.pid)
    }
  },
)

test(
  'HAProxy serves on without a keeper for the grace period, then ends and leaves nothing',
  haproxy,
  async () => {
    await using made = await gatewayOf()
    using instance = await startInstance('a')
    const { pid, process: child } = await startKeeper(made, instance.port, 1_000)
    assert.ok((await groupMembers(pid)).length >= 3)
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal((await fetch(`${made.url}/orders`)).status, 200)
    const isGone = await waitUntil({ clock, timeoutMs: 8_000, everyMs: 100 }, async () =>
      (await groupMembers(pid)).length === 0 ? true : undefined,
    )
    assert.equal(isGone, true)
  },
)

test('the watchdog spares HAProxy while its keeper lives', haproxy, async () => {
  await using made = await gatewayOf({ orphanGraceMs: 0 })
  await made.gateway.start()
  await sleep(clock, 2_500)
  assert.notEqual(made.gateway.pid, undefined)
  const answer = await fetch(`${made.url}/gateway/readyz`)
  assert.equal(answer.status, 503)
})
