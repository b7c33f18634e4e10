import { type Context, Deadlines, type Principal, type World } from '../kernel/index.ts'
import type { Application, Files, Module } from '../module/index.ts'
import { secretFields } from '../schema/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { compileCallSites } from './call-sites.ts'
import { callMailMissing } from './errors.ts'
import { compileFailures, type FailureTable } from './failures.ts'
import type { ModuleBinding, SendMail } from './handler-context.ts'
import { LocalOperation } from './local-operation.ts'
import type { MessagePort } from './message-port.ts'
import type { CallEnvironment, Pipeline } from './pipeline.ts'
import { RemoteOperation } from './remote-operation.ts'
import type { Sender } from './sender.ts'
import type { Storage } from './storage.ts'
import { WireTarget } from './wire-target.ts'
import type { CallTarget } from './call-target.ts'

export interface CallsOptions {
  readonly world: World
  readonly telemetry: Telemetry
  /** Calls from outside that may be in flight at once; more are refused. 4,096 unless given. */
  readonly inFlightMax?: number
  /** The modules whose handlers run here; all of them unless given. Operations of the others are
   *  reached through `sender`. */
  readonly hosted?: ReadonlySet<string>
  /** Modules that are not hosted here, but whose messages are worked on: they have contexts, and their
   *  operations are elsewhere. None unless given. */
  readonly worked?: ReadonlySet<string>
  /** The road to the modules that are not hosted here. Required when there are any. */
  readonly sender?: Sender
  /** How a module's call reaches another module. `inline` unless given; `wire` is for tests. */
  readonly runner?: Runner
  configOf(module: Module): unknown
  storageOf(module: Module): Storage | undefined
  /** Where the messages of a module are kept; nowhere unless given. */
  messagesOf?(module: Module): MessagePort | undefined
  /** The files of a module, as a context sees them; none are kept unless given. */
  readonly filesOf?: (module: Module, context: Context) => Files
  readonly issueToken?: (principal: Principal, lifetimeMs: number) => string
  /** Sends the mail of the modules that are granted it. */
  readonly sendMail?: SendMail
}

/** How calls between modules travel inside one process. */
export type Runner = 'inline' | 'wire'

/** All operations of an application, compiled for one runtime. */
export interface CompiledCalls {
  /** Every operation of the application, wherever its handler runs. */
  readonly operations: ReadonlyMap<string, Pipeline>
  /** Of the modules that are hosted or worked for here. */
  readonly bindings: ReadonlyMap<string, ModuleBinding>
  readonly failures: FailureTable
  readonly deadlines: Deadlines
  readonly runner: Runner
  readonly world: World
  readonly telemetry: Telemetry
  /** Calls from outside in flight now. */
  inFlight(): number
  targetOf(id: string): CallTarget
}

/** Compiles every operation of an application: schemas, access rules, call sites, metrics. Fields that
 *  a contract or the settings of a module mark as secret are left out of the logs from now on.
 *  Cost: some milliseconds per hundred operations, at boot. */
export function compileCalls(application: Application, options: CallsOptions): CompiledCalls {
  const { world, telemetry, runner = 'inline' } = options
  const failures = compileFailures(application.modules.map(({ contract }) => contract))
  const inFlight = { count: 0, max: options.inFlightMax ?? 4_096 }
  const environment: CallEnvironment = { world, telemetry, failures, inFlight }
  const operations = new Map<string, Pipeline>()
  const targets = new Map<string, CallTarget>()
  const targetOf = (id: string): CallTarget => {
    const target = targets.get(id)
    if (target === undefined) throw new Error(`no operation ${id}`)
    return target
  }
  const bindings = new Map<string, ModuleBinding>()
  for (const module of application.modules) {
    telemetry.logs.redactFields(secretFieldsOf(module))
    if (options.hosted?.has(module.contract.name) === false) {
      for (const operation of remoteOperations(module, { options, environment })) {
        operations.set(operation.id, operation)
        targets.set(operation.id, operation)
      }
      if (options.worked?.has(module.contract.name) === true) {
        const binding = bindModule(module, application, { options, targetOf })
        bindings.set(module.contract.name, binding)
      }
      continue
    }
    const binding = bindModule(module, application, { options, targetOf })
    bindings.set(module.contract.name, binding)
    for (const name of Object.keys(module.contract.operations)) {
      const operation = new LocalOperation(module, name, { binding, environment })
      operations.set(operation.id, operation)
      targets.set(
        operation.id,
        runner === 'wire' ? new WireTarget(operation, world, failures) : operation,
      )
    }
  }
  telemetry.metrics.gauge(
    'banyan_calls_in_flight',
    'Calls from outside in flight.',
    {},
    () => inFlight.count,
  )
  return {
    operations,
    bindings,
    failures,
    deadlines: new Deadlines(world.clock),
    runner,
    world,
    telemetry,
    inFlight: () => inFlight.count,
    targetOf,
  }
}

function remoteOperations(
  { contract }: Module,
  parts: { readonly options: CallsOptions; readonly environment: CallEnvironment },
): RemoteOperation[] {
  const { options, environment } = parts
  const { sender } = options
  if (sender === undefined) throw new Error(`${contract.name} runs elsewhere, and no road is given`)
  return Object.keys(contract.operations).map(
    (name) => new RemoteOperation(contract, name, { sender, environment }),
  )
}

function bindModule(
  module: Module,
  application: Application,
  parts: { readonly options: CallsOptions; readonly targetOf: (id: string) => CallTarget },
): ModuleBinding {
  const { options, targetOf } = parts
  const { filesOf } = options
  let callsFor: ModuleBinding['callsFor'] | undefined
  return {
    module: module.contract.name,
    config: options.configOf(module),
    storage: options.storageOf(module),
    messages: options.messagesOf?.(module),
    filesFor: filesOf === undefined ? undefined : (context) => filesOf(module, context),
    telemetry: options.telemetry,
    issueToken: module.grants.includes('issueToken') ? options.issueToken : undefined,
    sendMail: module.grants.includes('mail') ? (options.sendMail ?? noMail(module)) : undefined,
    callsFor(context) {
      callsFor ??= compileCallSites(module, application.modules, targetOf)
      return callsFor(context)
    },
  }
}

function noMail({ contract: { name } }: Module): SendMail {
  return () => Promise.reject(callMailMissing({ module: name }))
}

/** What a module's contract and settings call secret, by field. */
function secretFieldsOf({ contract, config }: Module): readonly string[] {
  const { operations, failures, events } = contract
  const schemas = [
    ...Object.values(operations).flatMap(({ input, output }) => [input, output]),
    ...Object.values(failures).map(({ declared }) => declared.details),
    ...Object.values(events).map(({ payload }) => payload),
    ...(config === undefined ? [] : [config]),
  ]
  return schemas.flatMap(secretFields)
}
