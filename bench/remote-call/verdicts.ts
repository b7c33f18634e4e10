/** The targets of the remote-call bench, judged on the medians. */
import { type Cell, judge, medianOf, ratio, type Verdict } from '../measure/result.ts'
import { metrics } from './figures.ts'
import { banyanSubjects, peerSubjects } from './subjects.ts'

/** The carrier under test; its rows are commands, the harder kind. */
export const subjectUnderTest = 'banyan-tcp'
const overMtls = 'banyan-mtls'
const bareHttp = 'http'

export function judgeRemoteCall(cells: readonly Cell[]): Verdict[] {
  const own = (metric: string): number | undefined => medianOf(cells, subjectUnderTest, metric)
  const secured = medianOf(cells, overMtls, '64 callers')
  return [
    judge(atLeast('64 callers, calls/s', 80_000), own('64 callers')),
    judge(
      atLeast('64 callers, times the faster of Moleculer and NestJS', 1.3),
      ratio(own('64 callers'), fastest(cells, ['moleculer', 'nestjs'])),
    ),
    judge(
      atLeast('64 callers, times gRPC', 15),
      ratio(own('64 callers'), medianOf(cells, 'grpc', '64 callers')),
    ),
    judge(atMost('64 callers, % that mTLS costs', 15), lostPercent(own('64 callers'), secured)),
    judge(atLeast('256 uneven callers, calls/s', 60_000), own('256 uneven')),
    judge(atMost('256 uneven callers, p50 over the delay, ms', 1), own('256 over delay')),
    judge(
      atMost('1 caller, times bare keep-alive HTTP', 1.3),
      ratio(own('1 caller p50'), medianOf(cells, bareHttp, '1 caller p50')),
    ),
    judge(atLeast('goal: 64 callers over mTLS, calls/s', 100_000), secured),
  ]
}

/** The round trip of a lone caller beside that of bare HTTP, for every subject. */
export function loneCallerNote(cells: readonly Cell[]): string {
  const floor = medianOf(cells, bareHttp, '1 caller p50')
  const times = cells
    .filter((cell) => cell.metric === '1 caller p50')
    .map(({ subject, median }) => ({ subject, times: ratio(median, floor) }))
    .map((row) => `${row.subject} ${row.times === undefined ? '–' : row.times.toFixed(2)}`)
  return `1 caller p50, times bare keep-alive HTTP: ${times.join(', ')}`
}

/** The cells that other carriers of Banyan lose to peers; those of the carrier under test are under the
 *  table. */
export function carrierNotes(cells: readonly Cell[]): string[] {
  return banyanSubjects.flatMap(({ name }) => {
    if (name === subjectUnderTest) return []
    const lost = metrics.flatMap(({ name: metric, better }) => {
      const own = medianOf(cells, name, metric)
      const winners = peerSubjects.filter((peer) => {
        const seen = medianOf(cells, peer.name, metric)
        if (own === undefined || seen === undefined) return false
        return better === 'higher' ? seen > own : seen < own
      })
      const names = winners.map((peer) => peer.name).join(', ')
      return winners.length === 0 ? [] : [`${metric} to ${names}`]
    })
    return lost.length === 0 ? [] : [`${name} loses ${lost.join('; ')}`]
  })
}

/** The highest median; undefined when one of them was not measured. */
function fastest(cells: readonly Cell[], names: readonly string[]): number | undefined {
  const medians = names.map((name) => medianOf(cells, name, '64 callers'))
  return medians.reduce((best, one) =>
    best === undefined || one === undefined ? undefined : Math.max(best, one),
  )
}

function lostPercent(plain: number | undefined, secured: number | undefined): number | undefined {
  const share = ratio(secured, plain)
  return share === undefined ? undefined : Math.max(0, (1 - share) * 100)
}

function atLeast(name: string, wanted: number) {
  return { name, wanted, comparison: 'at least' } as const
}

function atMost(name: string, wanted: number) {
  return { name, wanted, comparison: 'at most' } as const
}
