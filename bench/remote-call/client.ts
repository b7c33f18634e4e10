/** The client process of every subject: connects, verifies the answers, measures the cells.
 *  node client.ts <ClientPlan as JSON>; prints one line of JSON (a `CellSeen[]`). */
import { inspect, isDeepStrictEqual } from 'node:util'
import {
  declaredReply,
  type OrderReply,
  type OrderRequest,
  priceOrder,
  sampleOrder,
} from '../endpoint/order.ts'
import { type Busyness, busyness, cpuSecondsOf, ForeignCpu } from '../measure/machine.ts'
import { type Load, runLoad } from './load.ts'
import { type CellName, type CellPlan, callersMax, type OperationName } from './scenario.ts'

/** What a client file exports: `connect(address, {callersMax})`. */
export type ClientModule = {
  connect(address: object, options: { readonly callersMax: number }): Promise<Connection>
}

export type Connection = Readonly<
  Record<OperationName, (order: OrderRequest) => Promise<OrderReply>>
> & { close(): Promise<void> }

export type ClientPlan = {
  /** The module with `connect`. */
  readonly file: string
  /** What the server announced. */
  readonly address: object
  /** Absent where the subject has no server. */
  readonly serverPid?: number
  readonly cells: readonly CellPlan[]
}

export type CellSeen = Load & {
  readonly cell: CellName
  /** CPU seconds of client and server together over the measured time. */
  readonly cpuSeconds?: number
  readonly before: Busyness
  readonly foreignCores?: number
}

// More orders than callers, so that no two callers ever send the same one at once.
const orders = Array.from({ length: 2 * callersMax }, (_, index) => sampleOrder(index))

/** All orders at once: every reply must be the one to its order, equal to the handler's own. */
async function verify(connection: Connection): Promise<void> {
  for (const operation of ['place', 'placeSlowly'] as const) {
    const replies = await Promise.all(orders.map((order) => connection[operation](order)))
    for (const [index, order] of orders.entries()) {
      const wanted = declaredReply(priceOrder(order, 'user-1'))
      if (isDeepStrictEqual(replies[index], wanted)) continue
      const shown = inspect(replies[index], { breakLength: Number.POSITIVE_INFINITY, depth: 4 })
      throw new Error(`${operation} answers ${order.orderId} differently from a call: ${shown}`)
    }
  }
}

async function measure(
  connection: Connection,
  cell: CellPlan,
  pids: readonly number[],
): Promise<CellSeen> {
  const call = connection[cell.operation]
  const warmed = await runLoad(call, { ...cell, seconds: cell.warmSeconds, orders })
  const before = busyness()
  const foreign = new ForeignCpu(pids)
  const cpuBefore = cpuSeconds(pids)
  const load = await runLoad(call, { ...cell, orders })
  const cpuAfter = cpuSeconds(pids)
  const foreignCores = foreign.cores()
  return {
    ...warmed,
    ...load,
    errors: warmed.errors + load.errors,
    cell: cell.name,
    before,
    ...(cpuBefore === undefined || cpuAfter === undefined
      ? {}
      : { cpuSeconds: cpuAfter - cpuBefore }),
    ...(foreignCores === undefined ? {} : { foreignCores }),
  }
}

function cpuSeconds(pids: readonly number[]): number | undefined {
  const all = [process.pid, ...pids].map(cpuSecondsOf)
  return all.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one))
}

async function run(plan: ClientPlan): Promise<CellSeen[]> {
  const { connect }: ClientModule = await import(plan.file)
  const connection = await connect(plan.address, { callersMax })
  await verify(connection)
  const pids = plan.serverPid === undefined ? [] : [plan.serverPid]
  const seen: CellSeen[] = []
  for (const cell of plan.cells) seen.push(await measure(connection, cell, pids))
  await connection.close()
  return seen
}

const [plan = '{}'] = process.argv.slice(2)
const seen = await run(JSON.parse(plan))
process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0))
