import { test } from 'node:test'
import { carrying, type CarryingCheck } from './transport-suite/carrying.ts'
import { consuming, type ConsumingCheck } from './transport-suite/consuming.ts'
import { ordering, type OrderingCheck } from './transport-suite/ordering.ts'
import { outage, type OutageCheck } from './transport-suite/outage.ts'
import { rejecting, type RejectingCheck } from './transport-suite/rejecting.ts'
import { OpenScene } from './transport-suite/scene.ts'
import type { TransportCheck, TransportSubject } from './transport-suite/subject.ts'

export { Inbox } from './transport-suite/inbox.ts'
export { messages } from './transport-suite/sent.ts'
export type { TransportSubject } from './transport-suite/subject.ts'

/** The checks of the suite, by name. */
export type TransportCheckName =
  | CarryingCheck
  | OrderingCheck
  | RejectingCheck
  | ConsumingCheck
  | OutageCheck

const checks: Readonly<Record<TransportCheckName, TransportCheck>> = {
  ...carrying,
  ...ordering,
  ...rejecting,
  ...consuming,
  ...outage,
}

/** For tests that try each of them. */
export const transportCheckNames: readonly TransportCheckName[] = Object.keys(
  checks,
) as TransportCheckName[]

const timeoutMs = 120_000

/** Registers a test for every promise that a transport makes (messages/port.ts).
 *  @param name  Of the engine; begins each title.
 *  @param make  Called once for each check: the engine may be shared, the application's name must be
 *    another one each time. Checks that end the engine run where it gives `kill` and `restart`.
 *  @param options  `skip`: why none can run, as node:test takes it. `canKill: false` where the engine is
 *    not the test's to end: then nothing is shown of outages. */
export function transportSuite(
  name: string,
  make: () => Promise<TransportSubject>,
  options: { readonly skip?: string; readonly canKill?: boolean } = {},
): void {
  const { skip, canKill = true } = options
  for (const key of transportCheckNames) {
    const check: TransportCheck = checks[key]
    if (check.needsKill === true && !canKill) continue
    test(
      `${name}: ${check.title}`,
      { timeout: timeoutMs, ...(skip === undefined ? {} : { skip }) },
      async () => runTransportCheck(key, await make()),
    )
  }
}

/** Runs one check. Rejects when the transport breaks the promise that it is about. */
export async function runTransportCheck(
  name: TransportCheckName,
  subject: TransportSubject,
): Promise<void> {
  await using scene = new OpenScene(subject)
  await checks[name].run(scene)
}
