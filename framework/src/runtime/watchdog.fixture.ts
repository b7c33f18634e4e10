/** A process under a watchdog, for its tests: does what its argument says, and says so. */
import { createSystemClock } from '../kernel/index.ts'
import { open as openDebugger } from 'node:inspector'
import { startWatchdog } from './watchdog.ts'

const [deed = '', stuckMs = '500'] = process.argv.slice(2)
const clock = createSystemClock()
const stop = startWatchdog({ clock, stuckMs: Number(stuckMs) })
if (deed === 'stopped') stop()
if (deed === 'debugged') openDebugger(0, '127.0.0.1')
clock.after(300, () => {
  process.stdout.write('ready\n')
  if (deed === 'loop') spin(60_000)
  if (deed === 'stopped' || deed === 'debugged') spin(1_500)
  for (let turn = 1; deed === 'pauses' && turn < 8; turn++) {
    clock.after(turn * 250, () => spin(200))
  }
})
clock.after(deed === 'idle' ? 60_000 : 2_600, () => process.stdout.write('alive\n'))

function spin(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}
