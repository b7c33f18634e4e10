import { startInstance } from '../runtime/index.ts'
import { createTelemetry } from '../telemetry/index.ts'
import { type HostParts, instanceOptionsOf, listenOf, type TestHost } from './host.ts'

/** Starts one instance that runs everything. */
export async function openSingleHost(
  parts: HostParts,
  runner: 'inline' | 'wire',
): Promise<TestHost> {
  const { application, options, world, sink } = parts
  const { clock, random } = world
  const service = application.name
  const telemetry = createTelemetry({ clock, random, sink, service, level: 'debug' })
  const instance = await startInstance({
    ...instanceOptionsOf(parts),
    ...listenOf(parts),
    ...{ application, telemetry, runner },
    schedules: options.schedules ?? false,
    seed: options.seed ?? false,
  })
  return {
    edge: instance,
    kills: [],
    flushLogs: () => void telemetry.logs.flush(),
    runSchedule: (id) => instance.schedules.run(id),
    messages: () => (instance.messages === undefined ? [] : [instance.messages]),
    [Symbol.asyncDispose]: () => instance.stop(),
  }
}
