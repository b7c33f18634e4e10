/**
 * Compatibility: what a change of contracts means to those who call. A manifest is the contracts as
 * plain JSON, to be kept in a repository; comparing two manifests names every difference, says
 * whether it breaks callers, and why. What cannot be decided counts as breaking.
 */
export type { Change, Severity } from './change.ts'
export { compareContracts } from './compare-contracts.ts'
export {
  type ContractManifest,
  contractManifest,
} from './manifest.ts'
