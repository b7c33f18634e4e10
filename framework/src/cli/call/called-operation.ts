import { type Operation, parseRoute, type Route, timeoutMsOf } from '../../contract/index.ts'
import type { Application } from '../../module/index.ts'
import { cliInputMalformed, cliOperationUnknown } from '../errors.ts'
import { nearestOf } from '../../runtime/index.ts'

/** The operation that a command line names. */
export interface CalledOperation {
  /** `inventory.stock` */
  readonly id: string
  readonly declared: Operation
  /** Undefined when it cannot be reached over HTTP. */
  readonly route: Route | undefined
  readonly timeoutMs: number
}

/** @throws CLI_OPERATION_UNKNOWN with the nearest name */
export function findOperation({ modules }: Application, id: string): CalledOperation {
  const ids = modules.flatMap(({ contract }) =>
    Object.keys(contract.operations).map((name) => `${contract.name}.${name}`),
  )
  const [module, name = ''] = id.split('.')
  const declared = modules.find(({ contract }) => contract.name === module)?.contract.operations
  if (declared === undefined || !Object.hasOwn(declared, name) || !ids.includes(id)) {
    throw cliOperationUnknown({ operation: id, nearest: nearestOf(id, ids) })
  }
  const operation = declared[name] as Operation
  const { http, access } = operation
  const route = http === undefined || access === 'internal' ? undefined : parseRoute(http, id)
  return { id, declared: operation, route, timeoutMs: timeoutMsOf(operation, id) }
}

/** The input as a JSON object; `{}` when it was left away.
 *  @throws CLI_INPUT_MALFORMED */
export function parseInput(text: string | undefined): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text ?? '{}')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw cliInputMalformed({ argument: 'the input', cause: reason })
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Readonly<Record<string, unknown>>
  }
  throw cliInputMalformed({ argument: 'the input', cause: 'it is not a JSON object' })
}
