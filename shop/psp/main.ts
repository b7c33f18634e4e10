import { parseArgs } from 'node:util'
import { startPspSimulator } from './server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4010' },
    journal: { type: 'string' },
    secret: { type: 'string' },
  },
})
const psp = await startPspSimulator({
  port: Number(values.port),
  ...(values.journal === undefined ? {} : { journal: values.journal }),
  ...(values.secret === undefined ? {} : { secret: values.secret }),
})
console.log(JSON.stringify({ msg: 'psp simulator listens', url: psp.url }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void psp.close())
}
