import { STATUS_CODES } from 'node:http'
import type { BanyanError } from '../../kernel/index.ts'
import type { Directive } from './config-text.ts'
import {
  haproxyAnswerMissing,
  haproxyAnswerOverdue,
  haproxyInstanceMissing,
  haproxyMessageMalformed,
  haproxyMethodRefused,
  haproxyRequestOverdue,
} from './errors.ts'

/** What the gateway says when no instance did: problem details (RFC 9457), as instances write them,
 *  without a trace because none began. */
export function problemPages(): readonly Directive[] {
  return [
    problemPage(400, haproxyMessageMalformed({})),
    problemPage(405, haproxyMethodRefused({})),
    problemPage(408, haproxyRequestOverdue({})),
    problemPage(502, haproxyAnswerMissing({})),
    [...problemPage(503, haproxyInstanceMissing({})), 'hdr', 'Retry-After', 1],
    problemPage(504, haproxyAnswerOverdue({})),
    problemPageOf(404, { code: 'HTTP_ROUTE_NOT_FOUND', message: 'there is no such route' }),
  ]
}

function problemPage(status: number, error: BanyanError): Directive {
  return problemPageOf(status, error)
}

function problemPageOf(
  status: number,
  {
    code,
    message,
    fix,
  }: { readonly code: string; readonly message: string; readonly fix?: string },
): Directive {
  const title = STATUS_CODES[status] ?? 'Error'
  const body = { type: `urn:banyan:${code}`, title, status, detail: message, code, fix }
  const words = ['content-type', 'application/problem+json', 'string', JSON.stringify(body)]
  return ['http-error', 'status', status, ...words]
}
