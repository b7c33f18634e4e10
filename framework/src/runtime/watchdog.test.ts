import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./watchdog.fixture.ts', import.meta.url))

function start(deed: string, stuckMs = 500) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=source', program, deed, String(stuckMs)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const guard = setTimeout(() => child.kill('SIGKILL'), 12_000)
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(guard)
    return { code: code as number | null, signal: signal as string | null, output }
  })
  const ready = once(child.stdout ?? child, 'data')
  return { child, ended, ready }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

test('a process whose event loop is stuck is killed, and says why', async () => {
  const { ended } = start('loop')
  const { signal, output } = await ended
  assert.equal(signal, 'SIGKILL')
  assert.match(output, /RUNTIME_LOOP_STUCK/)
  assert.doesNotMatch(output, /alive/)
})

test('pauses that are shorter, and a process that does nothing, are let be', async () => {
  const { ended } = start('pauses')
  assert.deepEqual(await ended, { code: 0, signal: null, output: 'ready\nalive\n' })
})

test('a process that is being debugged may be held for long', async () => {
  const { code, signal, output } = await start('debugged').ended
  assert.deepEqual({ code, signal }, { code: 0, signal: null })
  assert.match(output, /alive/)
})

test('a watchdog that was ended kills nobody', async () => {
  const { ended } = start('stopped')
  assert.deepEqual(await ended, { code: 0, signal: null, output: 'ready\nalive\n' })
})

test('a process that was stopped for longer goes on when it is continued', async () => {
  const { child, ready, ended } = start('idle')
  await ready
  child.kill('SIGSTOP')
  await pause(1_500)
  child.kill('SIGCONT')
  await pause(700)
  assert.equal(child.exitCode, null)
  assert.equal(child.signalCode, null)
  child.kill('SIGTERM')
  assert.equal((await ended).signal, 'SIGTERM')
})
