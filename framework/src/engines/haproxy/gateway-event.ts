/** What a gateway did, for logs. */
export type GatewayEvent =
  | { readonly type: 'started' | 'adopted'; readonly pid: number; readonly version: string }
  /** A worker with a new configuration took over; `cause` says why the runtime API was not enough. */
  | { readonly type: 'reloaded'; readonly cause: string }
  /** Instances were changed at run time. */
  | {
      readonly type: 'applied'
      readonly added: readonly string[]
      readonly altered: readonly string[]
      readonly removed: readonly string[]
    }
  /** Instances that were taken out have no request left. */
  | { readonly type: 'deleted'; readonly instances: readonly string[] }
  | { readonly type: 'metrics-missing'; readonly version: string }
  | { readonly type: 'stopped' }
