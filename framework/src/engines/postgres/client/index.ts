/**
 * PostgreSQL client: the data room's `DatabaseServer` over the `pg` library in pipeline mode. It
 * opens connections, decodes columns without loss and cancels statements. Not for pooling, retries
 * or meaning of errors: those belong to the data room.
 */
export { postgresUrlInvalid } from './errors.ts'
export { createPostgresServer, type PostgresServerOptions } from './server.ts'
