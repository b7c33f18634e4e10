import path from 'node:path'
import type { EnsuredCertificates, IssueReason, TrustState } from '../../engines/authority/index.ts'
import { textTable } from '../text-table.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

const reasons: Readonly<Record<IssueReason, string>> = {
  absent: 'new',
  unreadable: 'new: the old one could not be read',
  mismatch: 'new: the old one did not fit its key',
  exposed: 'new: others could read the old key',
  foreign: 'new: the old one named somebody else',
  authority: 'new: the authority has changed',
  due: 'renewed',
  asked: 'renewed',
}

const steps: Readonly<Record<TrustState['step'], string>> = {
  none: 'kept',
  made: 'new',
  begun: 'a new one is trusted too',
  'taken-over': 'renewed; the old one is trusted too',
  ended: 'renewed; the old one is forgotten',
}

/** What a table is read beside. */
interface Reading {
  readonly nowMs: number
  /** Files are named from here. */
  readonly folder: string
}

/** The certificates as people read them. */
export function renderCertificates(ensured: EnsuredCertificates, reading: Reading): string {
  const { authority, certificates } = ensured
  const rows = [
    { ...authority, service: '(authority)', state: stateOf(authority) },
    ...certificates.map((row) => ({
      ...row,
      state: row.issued === undefined ? 'kept' : reasons[row.issued],
    })),
  ].map(({ service, name, expiresMs, file, state }) => [
    service,
    name,
    expiryOf(expiresMs, reading.nowMs),
    path.relative(reading.folder, file),
    state,
  ])
  const table = textTable([['service', 'name', 'expires', 'file', 'state'], ...rows])
  return [...table, ...pendingOf(authority)].join('\n')
}

/** `kept`, also while a renewal that began earlier waits. */
function stateOf({ step, trusted }: TrustState): string {
  return step === 'none' && trusted > 1 ? `kept; ${trusted} are trusted` : steps[step]
}

function pendingOf({ trusted, dueMs }: TrustState): readonly string[] {
  if (trusted === 1) return []
  if (dueMs === undefined) {
    return [
      '',
      'An old authority stays trusted: a service that is not named has a certificate of it.',
    ]
  }
  const due = new Date(dueMs).toISOString().slice(0, 19)
  return ['', `A renewal of the authority goes on with the next \`banyan certs\` after ${due}Z.`]
}

function expiryOf(expiresMs: number, nowMs: number): string {
  const leftMs = expiresMs - nowMs
  const left =
    leftMs < 2 * dayMs ? `${Math.round(leftMs / hourMs)} h` : `${Math.round(leftMs / dayMs)} d`
  return `${new Date(expiresMs).toISOString().slice(0, 16)}Z (${left})`
}
