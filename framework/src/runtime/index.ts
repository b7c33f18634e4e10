/**
 * Runtime: starts and stops one process of an application. Settings are parsed once; engines are
 * chosen here and handed down; stopping is a protocol with a deadline per step. Not for several
 * processes (room cluster) or for commands of people (room cli).
 */
export * from './errors.ts'
export { type Instance, startInstance } from './instance.ts'
export type {
  ApiOptions,
  DrainPeriods,
  InstanceOptions,
  ListenOptions,
} from './instance-options.ts'
export { readModuleConfig, variableOf } from './module-config.ts'
export { nearestOf } from '../topology/index.ts'
export type { PlacedService, Placement } from './placement.ts'
export { type Runtime, startRuntime } from './runtime.ts'
export type { PlannedPlacement, RuntimeOptions } from './runtime-options.ts'
export type { Schedules } from './schedules.ts'
export { parseSettings, type SettingRow, type Settings, settingRows } from './settings.ts'
export { developmentSecret } from './token-secret.ts'
export { startWatchdog, type WatchdogOptions } from './watchdog.ts'
