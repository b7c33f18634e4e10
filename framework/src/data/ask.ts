import type { Connection, Problem, StatementResult } from './port.ts'

/** Runs one unnamed statement. Rejects with a `Problem`. */
export function ask(
  connection: Connection,
  text: string,
  values: readonly unknown[] = [],
): Promise<StatementResult> {
  return send(connection, text, values, false)
}

/** Runs a script of any number of statements. Rejects with a `Problem`. */
export function runScript(connection: Connection, text: string): Promise<StatementResult> {
  return send(connection, text, [], true)
}

/** Runs `work` between BEGIN and COMMIT, or rolls back. Rejects with what `work` rejected with, or
 *  with a `Problem`. */
export async function inTransaction<Value>(
  connection: Connection,
  work: () => Promise<Value>,
): Promise<Value> {
  await runScript(connection, 'begin')
  try {
    const value = await work()
    await runScript(connection, 'commit')
    return value
  } catch (error) {
    await runScript(connection, 'rollback').catch(() => {})
    throw error
  }
}

export function isProblem(error: unknown): error is Problem {
  return (
    typeof error === 'object' && error !== null && 'cause' in error && !(error instanceof Error)
  )
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

function send(
  connection: Connection,
  text: string,
  values: readonly unknown[],
  isScript: boolean,
): Promise<StatementResult> {
  return new Promise((succeed, fail) => {
    connection.send({ text, name: undefined, values, isScript, succeed, fail })
  })
}
