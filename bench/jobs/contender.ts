/** What every engine of jobs must be able to do to be measured. */
export interface Contender {
  /** Adds one job; resolves when it is as durable as the engine makes it. */
  add(atMs: number): Promise<unknown>
  /** Adds many the fastest way the engine has. */
  addMany(count: number): Promise<void>
  /** Begins to work; `done` is called with each job's `atMs` when its work begins. */
  work(done: (atMs: number) => void): Promise<void>
  /** Stops working, and forgets what waits. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Where the engines are. */
export interface Engines {
  readonly postgresUrl: string
  readonly redisPort: number | undefined
}
