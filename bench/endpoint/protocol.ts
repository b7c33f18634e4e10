/** What the runner tells a server process, through its environment, and what it expects back. */

export const secretOfTokens = 'a-shared-secret-of-at-least-32-bytes-for-the-bench'
/** Issuer and audience are one application, which signs its own tokens. */
export const issuerOfTokens = 'orders'
export const audienceOfTokens = 'orders'

/** The one line a server writes to standard output once it accepts connections. */
export type ReadyLine = { readonly ready: true; readonly port: number }

export type ServerSettings = {
  /** Access log lines go here: a file while duties are verified, /dev/null while measured. */
  readonly logPath: string
  /** The OTLP/HTTP base address of the sink; spans go to `<base>/v1/traces`. */
  readonly otlpUrl: string
}

/** The environment of a server process. The `OTEL_` names are OpenTelemetry's own, so that its SDK
 *  configures itself; its queue is made larger than the default so that it need not drop spans. */
export function environmentOf(settings: ServerSettings): Record<string, string> {
  return {
    NODE_ENV: 'production',
    BENCH_LOG_PATH: settings.logPath,
    BENCH_TOKEN_SECRET: secretOfTokens,
    BENCH_TOKEN_ISSUER: issuerOfTokens,
    BENCH_TOKEN_AUDIENCE: audienceOfTokens,
    OTEL_SERVICE_NAME: 'orders',
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpUrl,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_MAX_QUEUE_SIZE: '32768',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2048',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  }
}
