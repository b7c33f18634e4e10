/** One instance of the bench's application in this process, started by the runtime as a supervisor's
 *  child is: placed by a plan, its peers read from a file. */
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { parseSettings, type Runtime, startRuntime } from 'banyan/runtime'
import { createFileSink } from 'banyan/telemetry'
import { type Plan, planOf, topology } from 'banyan/topology'
import { application } from './banyan.ts'

/** The services are named after the one module that each of them runs. */
export type ServiceName = 'desk' | 'orders'

/** How the two call each other: `calls` of a topology, from the environment of a subject. */
export type CallsSetting = {
  readonly carrier: 'frames' | 'post'
  readonly transport: 'unix' | 'tcp'
  readonly mtls: boolean
}

/** @throws Error when the process was not started by the bench */
export function required(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: start me through "npm run bench"`)
  return value
}

export const folder: string = required('BENCH_FOLDER')
export const calls: CallsSetting = JSON.parse(required('BENCH_CALLS'))
const directoryFile = join(folder, 'directory.json')

/** Writes the directory: where peers find the instances that run. */
export function writeDirectory(instances: readonly object[]): void {
  const content = { format: 1, generation: instances.length, instances }
  writeFileSync(directoryFile, JSON.stringify(content))
}

export function startInstance(service: ServiceName): Promise<Runtime> {
  // as every process of the command `banyan` does
  setFlagsFromString('--no-allocation-site-pretenuring')
  return startRuntime({
    application,
    settings: parseSettings({ BANYAN_FOLDER: folder }),
    sink: createFileSink(openSync('/dev/null', 'a')),
    placement: {
      plan: planCalls(),
      service,
      id: `${service}-1-g1`,
      peers: endpointOf(service),
      directoryFile,
      ...(calls.mtls ? { certificates: join(folder, 'certs') } : {}),
    },
  })
}

/** A topology without a gateway; nobody calls its public HTTP here. */
function planCalls(): Plan {
  const declaration = topology({
    services: { desk: { modules: ['desk'], runs: ['http'] }, orders: { modules: ['orders'] } },
    calls,
  })
  return planOf({ application, name: 'bench', topology: declaration, environment: {}, flags: [] })
}

function endpointOf(service: ServiceName) {
  return calls.transport === 'unix'
    ? ({ kind: 'unix', path: join(folder, `${service}.sock`) } as const)
    : ({ kind: 'tcp', host: '127.0.0.1', port: 0 } as const)
}
