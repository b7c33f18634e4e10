/** A longer run of the kills of `kills.test.ts`:
 *  `node --conditions=source framework/src/messages/kills.drill.ts --seconds 60 [--processes 3] [--seed 7]` */
import { parseArgs } from 'node:util'
import { runKillDrill, wrongsOf } from './kill-drill.fixture.ts'
import { YardDatabase } from './yard-processes.fixture.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    processes: { type: 'string', default: '3' },
    seed: { type: 'string', default: '7' },
  },
})
const drill = {
  seconds: Number(values.seconds),
  processes: Number(values.processes),
  seed: Number(values.seed),
  skewsMs: [0, 7_200_000, -7_200_000],
}
await using yard = await YardDatabase.open()
const report = await runKillDrill(yard, drill)
const wrongs = wrongsOf(report)
const { kills, asked, told, parked } = report
const shown = { ...drill, kills, asked, told, parked: parked.length, wrongs }
process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
process.exitCode = wrongs.length === 0 ? 0 : 1
