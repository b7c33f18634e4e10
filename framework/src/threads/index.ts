/**
 * Threads: bounded worker threads for work of the processor (PDF, images), so that it holds up no
 * request. A pool starts its threads when they are needed, ends them when they idle, ends a task that
 * overruns, and replaces a thread that died. Importing it, and creating a pool, starts nothing.
 * Not for waiting on I/O (the event loop does that) and not as a wall against hostile code: a thread
 * shares the process.
 * Limits: 64 threads and 100,000 waiting tasks per pool; only the JavaScript heap of a thread is bounded,
 * memory that native code takes (images being decoded) is not: bound what goes in.
 */
export { createThreadPool, type RunOptions, type ThreadPool } from './thread-pool.ts'
export type { ThreadPoolOptions } from './options.ts'
export type { ThreadTask, ThreadTaskContext } from './task-protocol.ts'
export * from './errors.ts'
