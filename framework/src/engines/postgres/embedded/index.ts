/**
 * The embedded PostgreSQL: a real server from npm, started as a child process on a folder of the
 * project, without an account, an installation or a network port.
 * Not for: production on several machines; there DATABASE_URL names a server that somebody operates.
 * Promises: durable by default; one owner per folder; no process outlives its owner, not even after
 * SIGKILL; data that it did not make is never deleted.
 * Limits: 200 connections; glibc ≥ 2.27 on Linux; one machine per folder.
 */
export { EmbeddedPostgres } from './embedded-postgres.ts'
export * from './errors.ts'
export type { PostmasterExit } from './postmaster.ts'
export { type EmbeddedPostgresProbe, probeEmbeddedPostgres } from './probe.ts'
export type { Durability } from './settings.ts'
export { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.ts'
