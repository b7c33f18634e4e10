/** `npm run drill -- <name> [options]`: the drills, which take minutes and are not tests. */
const drills: Readonly<Record<string, () => Promise<unknown>>> = {
  /** Kills the process at every commit boundary. */
  crash: () => import('./crash.drill.ts'),
  /** Moves, restarts and kills the shop while customers buy. */
  growth: () => import('./growth/growth.drill.ts'),
  /** Slows, stops and kills what checkout does not wait for. */
  messages: () => import('./messages/messages.drill.ts'),
}
const [name = 'crash'] = process.argv.splice(2, 1)
const run = drills[name]
if (run === undefined) {
  process.stderr.write(`no drill "${name}"; there are: ${Object.keys(drills).join(', ')}\n`)
  process.exitCode = 2
} else await run()
