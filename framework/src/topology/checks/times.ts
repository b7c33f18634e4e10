import { durationText } from '../duration-text.ts'
import { topologyDrainUnordered, topologyTimeoutsUnordered } from '../errors.ts'
import type { CheckScope } from './check-scope.ts'

/** Who waits for somebody waits longer than that one may take. */
export function checkTimes({ plan, problems }: CheckScope): void {
  const { clientMs, gatewayMs, operationMs } = plan.timeouts
  const [client, gateway] = ['timeouts.client', 'timeouts.gateway']
  const clientText = `${client} (${durationText(clientMs)})`
  const isDefault = plan.origins['timeouts.gatewayMs'] === 'default'
  const rule = isDefault ? ', 2s more than the longest operation' : ''
  const gatewayText = `${gateway} (${durationText(gatewayMs)}${rule})`
  if (gatewayMs <= operationMs) {
    const lower = `the longest timeout of an operation (${durationText(operationMs)})`
    const error = topologyTimeoutsUnordered({ path: gateway, lower, higher: gatewayText })
    problems.addBetween(error, [gateway])
  }
  if (clientMs <= gatewayMs) {
    const details = { path: client, lower: gatewayText, higher: clientText }
    problems.addBetween(topologyTimeoutsUnordered(details), [client, gateway])
  }
  const { noticeMs, deadlineMs } = plan.drain
  if (noticeMs < deadlineMs) return
  const [notice, deadline] = [durationText(noticeMs), durationText(deadlineMs)]
  const paths = ['drain.notice', 'drain.deadline']
  problems.addBetween(topologyDrainUnordered({ path: 'drain.notice', notice, deadline }), paths)
}
