import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { clock } from './gateway.fixture.ts'
import { type GatewayEvent, haproxyCommandFailed, haproxyStateRefused } from './index.ts'
import { askWorker } from './runtime-api.ts'
import { planChanges } from './server-changes.ts'
import { ServerKeeper } from './server-keeper.ts'
import { parseServers } from './server-table.ts'

const a = { id: 'a', host: '127.0.0.1', port: 4_101, isDraining: false, weight: 100 }
const columns = 'be_id be_name srv_id srv_name srv_addr srv_admin_state srv_uweight srv_port'

function table(...rows: readonly string[]): string {
  return ['1', `# ${columns}`, ...rows, ''].join('\n')
}

/** A runtime API that answers as it is told and remembers what it was asked. */
async function runtimeApi(
  answer: (command: string) => string,
): Promise<AsyncDisposable & { readonly path: string; readonly asked: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-api-'))
  const path = join(folder, 'runtime.sock')
  const asked: string[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once('data', (bytes) => {
      const command = bytes.toString().trim()
      asked.push(command)
      socket.end(answer(command))
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    asked,
    async [Symbol.asyncDispose]() {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function keeperOf(
  runtimeSocket: string,
  events: GatewayEvent[],
  reload: () => void,
): { readonly keeper: ServerKeeper; readonly steps: string[] } {
  const steps: string[] = []
  const keeper = new ServerKeeper({
    clock,
    runtimeSocket,
    checkEveryMs: 500,
    report: (event) => void events.push(event),
    writeFiles: async () => void steps.push('files'),
    reload: async () => {
      steps.push('reload')
      reload()
    },
  })
  return { keeper, steps }
}

test('where the runtime API refuses, a reload with the written files does it', async () => {
  let rows: string[] = []
  await using api = await runtimeApi((command) =>
    command.startsWith('show') ? table(...rows) : 'No.',
  )
  const events: GatewayEvent[] = []
  const { keeper, steps } = keeperOf(api.path, events, () => {
    rows = ['3 instances 1 a 127.0.0.1 0 100 4101']
  })
  await keeper.bring([a])
  assert.deepEqual(steps, ['files', 'reload'])
  assert.deepEqual(events, [
    { type: 'reloaded', cause: 'the runtime API refused: No.; No.; No.' },
    { type: 'applied', added: ['a'], altered: [], removed: [] },
  ])
})

test('what not even a reload brings about is an error that names the instance', async () => {
  await using api = await runtimeApi((command) => (command.startsWith('show') ? table() : 'No.'))
  const { keeper } = keeperOf(api.path, [], () => undefined)
  await assert.rejects(keeper.bring([a]), (error) => {
    assert.ok(haproxyStateRefused.is(error))
    assert.equal(error.details.instances, 'a')
    return true
  })
})

test('the files are written before the first command', async () => {
  const order: string[] = []
  await using api = await runtimeApi((command) => {
    order.push(command.split(' ', 2).join(' '))
    return table('3 instances 1 a 127.0.0.1 0 100 4101')
  })
  const { keeper, steps } = keeperOf(api.path, [], () => undefined)
  await keeper.bring([a])
  assert.deepEqual(steps, ['files'])
  assert.deepEqual(new Set(order), new Set(['show servers']))
})

test('a runtime API that nobody serves is an error with the command', async () => {
  await assert.rejects(askWorker('/nowhere/runtime.sock', 'show info'), (error) => {
    assert.ok(haproxyCommandFailed.is(error))
    assert.deepEqual(error.details, { command: 'show info', cause: 'ENOENT' })
    return true
  })
})

test('changes are the commands that lead from what is to what is wanted', () => {
  const rows = parseServers(
    table(
      '3 instances 1 moved 127.0.0.1 0 100 1',
      '3 instances 2 back 127.0.0.1 1 100 2',
      '3 instances 3 leaving 127.0.0.1 0 100 3',
      '3 instances 4 gone 127.0.0.1 1 100 4',
      '3 instances 5 same ::1 8 7 5',
    ),
  )
  const wanted = [
    { ...a, id: 'moved', port: 11 },
    { ...a, id: 'back', port: 2, isDraining: true, weight: 3 },
    { id: 'same', host: '::1', port: 5, isDraining: true, weight: 7 },
  ]
  assert.deepEqual(planChanges(wanted, rows, 500), [
    {
      id: 'moved',
      change: 'alter',
      commands: [
        'set server instances/moved addr 127.0.0.1 port 11',
        'set server instances/moved health up',
      ],
    },
    {
      id: 'back',
      change: 'alter',
      commands: ['set server instances/back weight 3', 'set server instances/back state drain'],
    },
    { id: 'leaving', change: 'remove', commands: ['set server instances/leaving state maint'] },
  ])
})
