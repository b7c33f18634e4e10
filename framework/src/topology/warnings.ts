import type { Application } from '../module/index.ts'
import { connectionsOf } from './connections.ts'
import { durationText } from './duration-text.ts'
import {
  topologyConnectionsCrowded,
  topologyDrainShort,
  topologyNoticeShort,
  topologyRetriesOff,
} from './errors.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import { problemOf } from './problem-list.ts'

/** What works, but not as well as its owner may think. Empty for most plans. */
export function warningsOf(plan: Plan, application: Application): readonly Problem[] {
  return [
    ...drainWarnings(plan),
    ...noticeWarnings(plan),
    ...databaseWarnings(plan, application),
    ...retryWarnings(plan),
  ].map(problemOf)
}

function drainWarnings({ drain, timeouts }: Plan) {
  if (drain.deadlineMs >= timeouts.operationMs) return []
  const deadline = durationText(drain.deadlineMs)
  const operation = durationText(timeouts.operationMs)
  return [topologyDrainShort({ path: 'drain.deadline', deadline, operation })]
}

/** As many checks must fail until the gateway takes an instance out. */
const checksToFall = 2

function noticeWarnings({ drain, gateway }: Plan) {
  if (gateway === undefined || drain.noticeMs >= checksToFall * gateway.checkEveryMs) return []
  const notice = durationText(drain.noticeMs)
  const checks = `${checksToFall} × ${durationText(gateway.checkEveryMs)}`
  return [topologyNoticeShort({ path: 'drain.notice', notice, checks })]
}

function databaseWarnings(plan: Plan, application: Application) {
  if (plan.database === undefined) return []
  const { connectionsMax: limit, connectionsReserved: reserved } = plan.database
  const needed = 2 * connectionsOf(plan, application)
  if (needed + reserved <= limit) return []
  const path = 'database.connectionsMax'
  return [topologyConnectionsCrowded({ path, needed, reserved, limit })]
}

function retryWarnings({ availability, gateway }: Plan) {
  if (availability !== true || gateway?.retries !== false) return []
  return [topologyRetriesOff({ path: 'gateway.retries' })]
}
