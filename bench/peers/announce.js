/** Tells the runner the address, and stops cleanly on SIGTERM. */
export function announceAddress(address, stop) {
  process.once('SIGTERM', () => {
    stop().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${error.stack}\n`)
        process.exit(1)
      },
    )
  })
  process.stdout.write(`${JSON.stringify({ ready: true, ...address })}\n`)
}
