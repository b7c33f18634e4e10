/** What the thread of the watchdog is started with. */
export interface WatchdogStart {
  readonly memory: SharedArrayBuffer
  readonly tickMs: number
  /** Turns without a sign that are let pass. */
  readonly turnsMax: number
}

/** The cells of the shared memory, 32 bits each. */
export const slots = {
  /** Raised by the main thread as long as its event loop turns. */
  sign: 0,
  /** 1 while a debugger may hold the main thread. */
  isDebugged: 1,
  /** Raised, and notified, to end the thread. */
  isStopped: 2,
} as const
