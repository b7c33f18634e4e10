import { parseArgs } from 'node:util'
import { startPspSimulator } from './server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4010' },
    /** File that keeps the books over restarts. */
    journal: { type: 'string' },
    secret: { type: 'string' },
    /** Ends when whoever started it does. */
    'end-with-stdin': { type: 'boolean', default: false },
  },
})
const psp = await startPspSimulator({
  port: Number(values.port),
  ...(values.journal === undefined ? {} : { journal: values.journal }),
  ...(values.secret === undefined ? {} : { secret: values.secret }),
})
console.log(JSON.stringify({ msg: 'psp simulator listens', url: psp.url }))

const stop = (): void => void psp.close().then(() => process.exit())
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
if (values['end-with-stdin']) process.stdin.resume().once('end', stop).once('error', stop)
