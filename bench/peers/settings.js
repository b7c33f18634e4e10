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
  process.once('SIGTERM', () => {
    stop().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${error.stack}\n`)
        process.exit(1)
      },
    )
  })
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`)
}
