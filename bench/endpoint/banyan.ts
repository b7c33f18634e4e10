/** The Banyan server of the endpoint bench: an application of one module that keeps nothing, started
 *  by the runtime from settings, as `banyan start` does. */
import { openSync } from 'node:fs'
import { application } from 'banyan/module'
import { parseSettings, startRuntime } from 'banyan/runtime'
import { createFileSink } from 'banyan/telemetry'
import { ordersModule } from './order-module.ts'
import { issuerOfTokens } from './protocol.ts'

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: start me through "npm run bench"`)
  return value
}

// The application's name is the issuer and the audience of its tokens.
const shop = application(issuerOfTokens, { modules: [ordersModule], roles: ['customer'] })
const runtime = await startRuntime({
  application: shop,
  settings: parseSettings({
    BANYAN_PORT: '0',
    BANYAN_TOKEN_SECRET: required('BENCH_TOKEN_SECRET'),
    BANYAN_OTLP_URL: `${required('OTEL_EXPORTER_OTLP_ENDPOINT')}/v1/traces`,
  }),
  sink: createFileSink(openSync(required('BENCH_LOG_PATH'), 'a')),
})

process.once('SIGTERM', () => {
  runtime.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
process.stdout.write(
  `${JSON.stringify({ ready: true, port: Number(new URL(runtime.url).port) })}\n`,
)
