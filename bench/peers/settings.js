import { announceAddress } from './announce.js'

// What the runner tells every server process; see ../endpoint/protocol.ts.
const required = (name) => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: start me through "npm run bench"`)
  return value
}

export const logPath = required('BENCH_LOG_PATH')
export const tokenSecret = required('BENCH_TOKEN_SECRET')
export const tokenIssuer = required('BENCH_TOKEN_ISSUER')
export const tokenAudience = required('BENCH_TOKEN_AUDIENCE')

/** Tells the runner the port, and stops cleanly (log and spans flushed) on SIGTERM. */
export function announce(port, stop) {
  announceAddress({ port }, stop)
}
