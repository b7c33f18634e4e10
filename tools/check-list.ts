import type { Check } from './check-runner.ts'

const cache = 'node_modules/.cache/banyan'
const node = process.execPath

/** The checks of `npm run check`, the slowest first so that they overlap. */
export const checks: readonly Check[] = [
  {
    name: 'types',
    promise: 'every file of every workspace type-checks under the strictest options',
    command: node,
    args: [
      ...['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--incremental'],
      ...['--tsBuildInfoFile', `${cache}/types.tsbuildinfo`],
    ],
  },
  {
    name: 'lint',
    promise: 'no floating promise, no unhandled case, no correctness warning',
    command: node,
    args: [
      'node_modules/oxlint/bin/oxlint',
      ...['--type-aware', '--deny-warnings', '--tsconfig', 'tsconfig.json', '.'],
    ],
  },
  {
    name: 'declarations',
    promise: 'the published declarations of framework/ can be emitted file by file',
    command: node,
    args: [
      ...['node_modules/typescript/bin/tsc', '-p', 'framework', '--noEmit', '--incremental'],
      ...['--tsBuildInfoFile', `${cache}/declarations.tsbuildinfo`],
    ],
  },
  {
    name: 'format',
    promise: 'biome would change nothing',
    command: node,
    args: ['node_modules/@biomejs/biome/bin/biome', 'format', '.'],
  },
  {
    name: 'boundary',
    promise: 'rooms know only what the law lets them know; no import cycles',
    command: node,
    args: ['--conditions=source', 'tools/boundary.ts'],
  },
  {
    name: 'tidy',
    promise:
      'sizes, names, words, front doors, error tables and generated texts are as the style guide says',
    command: node,
    args: ['--conditions=source', 'tools/tidy.ts'],
  },
  {
    name: 'docs',
    promise: 'links lead somewhere, snippets type-check, marked ones run',
    command: node,
    args: ['--conditions=source', 'tools/snippets.ts'],
  },
]
