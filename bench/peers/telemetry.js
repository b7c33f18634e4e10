// Loaded with --import before anything else, as OpenTelemetry's guide for Node.js asks.
// BENCH_HTTP_INSTRUMENTATION=off leaves the SDK, the batch processor and the exporter in place and
// only drops the automatic instrumentation of node:http.
import { NodeSDK } from '@opentelemetry/sdk-node'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'

const instrumentHttp = process.env.BENCH_HTTP_INSTRUMENTATION !== 'off'
const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: instrumentHttp
    ? [
        new HttpInstrumentation({
          ignoreIncomingRequestHook: (request) => request.url === '/metrics',
          disableOutgoingRequestInstrumentation: true,
        }),
      ]
    : [],
})
sdk.start()

export const stopTelemetry = () => sdk.shutdown()
