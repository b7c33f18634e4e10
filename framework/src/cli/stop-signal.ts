/** Resolves at the first SIGINT, SIGTERM or loss of the parent process; the second signal ends the
 *  process at once. */
export function waitForStop(): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false
    const stop = (reason: string): void => {
      if (isStopping && reason !== 'disconnect') process.exit(130)
      isStopping = true
      resolve(reason)
    }
    process.on('SIGINT', () => stop('SIGINT'))
    process.on('SIGTERM', () => stop('SIGTERM'))
    process.once('disconnect', () => stop('disconnect'))
  })
}
