import type { DatabaseServer } from 'banyan/data'
import type { OwnerQuery } from '../audit/index.ts'

/** A connection as the owner of a database, to look behind the modules' backs. */
export interface OwnerConnection extends AsyncDisposable {
  readonly query: OwnerQuery
}

/** Opens a connection as the owner of the database of `server`. */
export async function connectAsOwner(server: DatabaseServer): Promise<OwnerConnection> {
  const connection = await server.connect()
  return {
    query: (text) =>
      new Promise((resolve, reject) => {
        connection.send({
          text,
          name: undefined,
          isScript: false,
          values: [],
          succeed: ({ rows }) => resolve(rows),
          fail: (problem) => reject(new Error(`${text}: ${problem.message}`)),
        })
      }),
    [Symbol.asyncDispose]: () => connection.close(),
  }
}
