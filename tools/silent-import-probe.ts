import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Imports the files given as arguments one after the other, and prints as JSON what each of them did
 *  besides declaring: run by `silent-imports.test.ts` in a process of its own. */

type Effects = Record<string, string[]>

const files = process.argv.slice(2)
const touched: string[] = []

/** Records calls of a file-system function that come from one of the probed files' own top level. */
function watch(
  name: 'readFileSync' | 'writeFileSync' | 'readdirSync' | 'mkdirSync' | 'openSync',
): void {
  const original = Reflect.get(fs, name) as (...args: unknown[]) => unknown
  Reflect.set(fs, name, (...args: unknown[]): unknown => {
    const stack = new Error('where').stack ?? ''
    if (files.some((file) => stack.includes(file))) touched.push(`${name}(${String(args[0])})`)
    return original.apply(fs, args)
  })
}

function listeners(): string[] {
  return process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`)
}

/** What `after` holds and `before` does not, counted: two timers are two effects. */
function added(before: readonly string[], after: readonly string[]): string[] {
  const rest = [...before]
  return after.filter((item) => {
    const index = rest.indexOf(item)
    if (index !== -1) rest.splice(index, 1)
    return index === -1
  })
}

function look(): {
  globals: string[]
  active: string[]
  listening: string[]
  environment: string[]
} {
  return {
    // zod keeps its settings in globals of its own, so that two copies of it agree.
    globals: Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('__zod_')),
    // The probe waits by an immediate of its own.
    active: process.getActiveResourcesInfo().filter((name) => name !== 'Immediate'),
    listening: listeners(),
    environment: Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`),
  }
}

async function effectsOf(file: string): Promise<string[]> {
  const before = look()
  touched.length = 0
  await import(file)
  await new Promise((resolve) => setImmediate(resolve))
  const after = look()
  return [
    ...added(before.globals, after.globals).map((name) => `sets the global ${name}`),
    ...added(before.active, after.active).map((name) => `keeps ${name} open`),
    ...added(before.listening, after.listening).map((name) => `listens to process ${name}`),
    ...added(before.environment, after.environment).map((entry) => `changes ${entry}`),
    ...touched.map((call) => `calls ${call}`),
  ]
}

for (const name of [
  'readFileSync',
  'writeFileSync',
  'readdirSync',
  'mkdirSync',
  'openSync',
] as const) {
  watch(name)
}
syncBuiltinESMExports()
// Made when they are first looked at, by whom does not matter.
void [process.stdout, process.stderr]

const effects: Effects = {}
for (const file of files) {
  try {
    const found = await effectsOf(file)
    if (found.length > 0) effects[file] = found
  } catch (error) {
    effects[file] = [
      `cannot be imported: ${error instanceof Error ? error.message : String(error)}`,
    ]
  }
}
process.stdout.write(`\n${JSON.stringify(effects)}\n`, () => process.exit(0))
