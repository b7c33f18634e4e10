/** Runs wrk, the closed-loop load generator. */
import { fileURLToPath } from 'node:url'
import { Child, loadCore } from '../measure/child.ts'
import type { LoadData } from './load-data.ts'

export const connectionCount = 64

export type LoadResult = {
  readonly requests: number
  readonly durationUs: number
  readonly p50Us: number
  readonly p99Us: number
  /** Connections, reads, writes and timeouts that failed, and answers other than 2xx or 3xx. */
  readonly failures: number
}

/** Loads `url` from the load core. @throws Error when wrk is not installed or fails. */
export async function runWrk(url: string, seconds: number, data: LoadData): Promise<LoadResult> {
  const script = fileURLToPath(new URL('./load.lua', import.meta.url))
  const load = ['-t1', `-c${connectionCount}`, `-d${seconds}s`, '--timeout', '10s', '-s', script]
  const child = new Child({
    command: 'wrk',
    args: [...load, url, '--', data.tokensFile, data.bodiesFile],
    core: loadCore,
  })
  const output = await child.output((seconds + 15) * 1_000)
  const json = /^RESULT (.*)$/m.exec(output)?.[1]
  if (json === undefined) throw new Error(`wrk printed no result: ${output}`)
  const { errors, refused, ...result }: LoadResult & { errors: number; refused: number } =
    JSON.parse(json)
  return { ...result, failures: errors + refused }
}
