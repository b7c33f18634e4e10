/** The servers of the endpoint bench. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { HistogramName } from './prometheus.ts'

export type Subject = {
  readonly name: string
  readonly file: string
  /** `none`: a floor for reference, without any of the duties; never counted as better. */
  readonly duties: 'all' | 'none'
  readonly histogram: HistogramName
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url))
const ownFolder = fileURLToPath(new URL('./', import.meta.url))
const peerHistogram = { metric: 'http_request_duration_seconds', label: 'route="/orders"' }
const withTelemetry = ['--import', `${peersFolder}telemetry.js`]

function peer(name: string, env?: Readonly<Record<string, string>>): Subject {
  return {
    name,
    file: `${peersFolder}${name}.js`,
    duties: 'all',
    histogram: peerHistogram,
    nodeArgs: withTelemetry,
    ...(env === undefined ? {} : { env }),
  }
}

export const subjects: readonly Subject[] = [
  {
    name: 'banyan',
    file: `${ownFolder}banyan.ts`,
    duties: 'all',
    histogram: { metric: 'http_server_request_duration_seconds', label: 'http_route="/orders"' },
  },
  peer('fastify'),
  peer('fastify-lean', { BENCH_HTTP_INSTRUMENTATION: 'off' }),
  peer('nestjs'),
  peer('nestjs-zod'),
  { name: 'bare', file: `${peersFolder}bare.js`, duties: 'none', histogram: peerHistogram },
]

/** Why a subject cannot be measured here; undefined when it can. */
export function tryFindAbsence(subject: Subject): string | undefined {
  return existsSync(subject.file) ? undefined : `${subject.name} has no server file yet`
}
