/**
 * HAProxy: the gateway in front of the instances that serve the public HTTP. It spreads requests over
 * them (the less loaded of two random ones), asks each whether it is ready, repeats a request that met
 * a dying instance where the contract makes that legal, and takes instances in and out while it serves.
 * Not for TLS, HTTP/2, compression, caching or limits per client; not for calls between instances.
 * Promises: the configuration is rendered from the plan alone; files are written before the running
 * process changes, so a reload forgets nothing; a command without a key is never sent twice; what
 * operators and peers ask of an instance is not reachable through it; HAProxy outlives a keeper that is
 * restarted, and does not outlive one that stays away.
 * Limits: HAProxy ≥ 2.6 (tested: 2.6.12) on Linux or macOS; 1,024 instances; requests of 32 KiB and more
 * are not repeated; one gateway per folder.
 */
export * from './errors.ts'
export { createGateway } from './create-gateway.ts'
export type { Gateway, GatewayOptions } from './gateway.ts'
export type { GatewayEvent } from './gateway-event.ts'
export type { GatewayInstance, GatewayState } from './gateway-state.ts'
export type { GatewayStats, InstanceStats } from './gateway-stats.ts'
export type { GatewayExit } from './haproxy-process.ts'
export { type RenderedGateway, renderGateway, type RenderOptions } from './render-gateway.ts'
