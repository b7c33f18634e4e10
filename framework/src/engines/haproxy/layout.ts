/** Names of the files in a gateway's folder, as HAProxy sees them: it runs inside that folder. */
export const fileNames = {
  config: 'haproxy.cfg',
  /** A configuration that is checked before it takes the other's place. */
  nextConfig: 'haproxy.cfg.next',
  exactRoutes: 'routes-exact.map',
  patternRoutes: 'routes-patterns.map',
  runtimeSocket: 'runtime.sock',
  masterSocket: 'master.sock',
  log: 'haproxy.log',
  oldLog: 'haproxy.log.1',
  pid: 'haproxy.pid',
  /** Which process keeps HAProxy; the watchdog looks at it. */
  keeper: 'keeper',
  /** Where workers are locked up when root started them; stays empty. */
  jail: 'jail',
} as const
