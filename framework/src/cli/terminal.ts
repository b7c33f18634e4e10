import { exitCodes } from './exit-codes.ts'

/** Writes a result to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Writes what is not the result to standard error. */
export function printError(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** A reader that went away (`banyan graph | head -1`) is no failure of ours. */
export function allowClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(exitCodes.ok)
    })
  }
}
