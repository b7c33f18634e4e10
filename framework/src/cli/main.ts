import { createRequire, enableCompileCache } from 'node:module'
import { run } from '@stricli/core'
import { exitCodes } from './exit-codes.ts'
import { createCommandLine } from './routes.ts'

enableCompileCache()
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
const inputs = process.argv.slice(2)
const isVerbose = inputs.includes('--verbose')
await run(
  createCommandLine(version, isVerbose),
  inputs.filter((input) => input !== '--verbose'),
  { process },
)
/** Stricli numbers wrong usage −4 and −5; people expect 2. */
if (Number(process.exitCode) < 0) process.exitCode = exitCodes.usage
