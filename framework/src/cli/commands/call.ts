import { createTokens } from '../../identity/index.ts'
import { createWorld, type Principal, type World } from '../../kernel/index.ts'
import { developmentSecret, type Settings } from '../../runtime/index.ts'
import { type CalledOperation, findOperation, parseInput } from '../call/called-operation.ts'
import { callOverHttp } from '../call/http-call.ts'
import { callInProcess } from '../call/local-call.ts'
import { formatProblem, type Outcome } from '../call/outcome.ts'
import { cliOperationClosed } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { tryReadInstance } from '../instance-file.ts'
import { loadProject, type Project } from '../load-application.ts'
import { settingsOf } from '../project-settings.ts'
import { print, printError } from '../terminal.ts'

export interface CallFlags {
  readonly as?: string
  readonly roles?: string
  readonly key?: string
  readonly url?: string
  /** In milliseconds. */
  readonly timeout?: number
  readonly json?: boolean
}

interface CallArguments {
  /** `inventory.stock` */
  readonly operation: string
  /** JSON. */
  readonly input: string | undefined
  readonly folder: string
}

/** Time for the network beside the operation's own. */
const networkMs = 2_000
const tokenLifetimeMs = 60_000

/** `banyan call`: one operation, over HTTP where something serves it, otherwise in this process. */
export async function call(flags: CallFlags, given: CallArguments): Promise<void> {
  const input = parseInput(given.input)
  const project = await loadProject(given.folder)
  const operation = findOperation(project.application, given.operation)
  const outcome = await callSomewhere(flags, { project, operation, input })
  if (outcome.ok) return print(flags.json === true ? outcome.json : pretty(outcome.json))
  const { problem } = outcome
  printError(flags.json === true ? JSON.stringify({ error: problem }) : formatProblem(problem))
  process.exitCode = exitCodes.failed
}

interface Call {
  readonly project: Project
  readonly operation: CalledOperation
  readonly input: Readonly<Record<string, unknown>>
}

async function callSomewhere(flags: CallFlags, call: Call): Promise<Outcome> {
  const { project, operation, input } = call
  const world = createWorld()
  const settings = settingsOf(project.folder)
  const running = flags.url === undefined ? await tryReadInstance(settings.folder) : undefined
  const url = flags.url ?? running?.url
  const { declared, route } = operation
  const key = flags.key ?? (declared.idempotency === 'required' ? world.ids.next() : undefined)
  if (url !== undefined && route !== undefined) {
    const timeoutMs = flags.timeout ?? operation.timeoutMs + networkMs
    const token = await tokenFor(flags, call, { settings, world })
    return callOverHttp({ url, route, input, key, timeoutMs, token })
  }
  if (flags.url !== undefined) throw cliOperationClosed({ operation: operation.id, url: flags.url })
  return callInProcess({
    ...call,
    key,
    // The database of a running `banyan dev` is locked for others, but not to its clients.
    settings: { ...settings, databaseUrl: settings.databaseUrl ?? running?.databaseUrl },
    principal: flags.as === undefined ? undefined : principalOf(flags, []),
    timeoutMs: flags.timeout ?? operation.timeoutMs,
    isVerbose: process.argv.includes('--verbose'),
  })
}

/** A token of the caller; of an operator with every role unless one is named. */
async function tokenFor(
  flags: CallFlags,
  { project, operation }: Call,
  { settings, world }: { readonly settings: Settings; readonly world: World },
): Promise<string | undefined> {
  if (flags.as === undefined && operation.declared.access === 'public') return undefined
  const { application } = project
  const [first, ...rest] = settings.tokenSecrets
  const tokens = createTokens({
    clock: world.clock,
    ids: world.ids,
    secrets: [first ?? (await developmentSecret(settings.folder, world.random)), ...rest],
    issuer: application.name,
  })
  return tokens.issue(principalOf(flags, application.roles), tokenLifetimeMs)
}

function principalOf({ as, roles }: CallFlags, allRoles: readonly string[]): Principal {
  const named = roles
    ?.split(',')
    .map((role) => role.trim())
    .filter(Boolean)
  return { subject: as ?? 'operator', roles: named ?? (as === undefined ? allRoles : []) }
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), undefined, 2)
}
