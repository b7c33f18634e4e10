import { createRequire, enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { run } from '@stricli/core'
import { createCommandLine } from './command-line.ts'
import { exitCodes } from './exit-codes.ts'
import { reportFatalErrors } from './fatal-errors.ts'
import { allowClosedOutput } from './terminal.ts'

// V8 takes the objects of calls for long-lived once a burst of them has survived, and makes all further
// ones in the old generation, where each keeps what it refers to until a full collection. Instances
// that call each other lost a tenth of their rate to that, and the p99 was twice as long.
setFlagsFromString('--no-allocation-site-pretenuring')
enableCompileCache()
allowClosedOutput()
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
const inputs = process.argv.slice(2)
const form = { isVerbose: inputs.includes('--verbose'), isJson: inputs.includes('--json') }
reportFatalErrors(form)
const { stdout, stderr, env } = process
const host: { exitCode?: number | string | null } = {}
await run(
  createCommandLine(version, form),
  inputs.filter((input) => input !== '--verbose'),
  { process: Object.assign(host, { stdout, stderr, env }) },
)
const code = Number(host.exitCode ?? exitCodes.ok)
// A command that ended in order has set the exit code itself. Stricli numbers its own errors below
// zero: −4 and −5 are wrong usage, the rest are bugs.
if (code === -4 || code === -5) process.exitCode = exitCodes.usage
else if (code < 0) process.exitCode = exitCodes.bug
else if (code !== exitCodes.ok) process.exitCode = code
