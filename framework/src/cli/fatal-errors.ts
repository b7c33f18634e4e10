import { createSystemClock, sleep } from '../kernel/index.ts'
import { exitCodes } from './exit-codes.ts'
import { type ReportForm, reportError } from './report-error.ts'
import { printError } from './terminal.ts'

/** What nobody caught is written like every other error, and ends the process with 70.
 *  (Node raises an unhandled rejection as an uncaught exception.) */
export function reportFatalErrors(form: ReportForm): void {
  process.on('uncaughtException', (error: unknown) => {
    printError(reportError(error, form))
    process.exit(exitCodes.bug)
  })
}

const longestMs = 2_000

/** From now on `handle` is told instead; the process ends with 70 after it, or 2 s later. */
export function handleFatalErrors(handle: (error: unknown) => Promise<void>): void {
  process.removeAllListeners('uncaughtException')
  let isEnding = false
  process.on('uncaughtException', (error: unknown) => {
    if (isEnding) return
    isEnding = true
    const end = (): never => process.exit(exitCodes.bug)
    Promise.race([handle(error), sleep(createSystemClock(), longestMs)]).then(end, end)
  })
}
