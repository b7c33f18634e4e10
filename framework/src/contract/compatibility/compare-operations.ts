import { type Change, breaking, type Direction, judge, safe } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'
import type { OperationManifest } from './manifest.ts'

/** The differences between two versions of one operation. */
export function compareOperations(
  place: string,
  before: OperationManifest,
  after: OperationManifest,
): readonly Change[] {
  const schemas = (direction: Direction): readonly Change[] =>
    compareSchemas(before[direction], after[direction], `${place} ${direction}`).map((one) =>
      judge(one, direction),
    )
  return [
    ...compareKinds(place, before, after),
    ...compareRoutes(place, before.http, after.http),
    ...compareAccess(place, before.access, after.access),
    ...schemas('input'),
    ...schemas('output'),
    ...compareFailureNames(place, before.failures, after.failures),
    ...compareIdempotency(place, before, after),
    ...compareTimeouts(place, before.timeoutMs, after.timeoutMs),
  ]
}

function compareKinds(
  place: string,
  before: OperationManifest,
  after: OperationManifest,
): readonly Change[] {
  if (before.kind === after.kind) return []
  const reason =
    after.kind === 'command'
      ? 'callers repeat a query freely; a command they would do twice'
      : 'callers send an idempotency key, and other modules may cache what they did not before'
  return [breaking(place, `kind changed from ${before.kind} to ${after.kind}`, reason)]
}

function compareRoutes(
  place: string,
  before: OperationManifest['http'],
  after: OperationManifest['http'],
): readonly Change[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [safe(place, 'route added', 'nobody calls it over HTTP yet')]
  if (after === undefined) return [breaking(place, 'route removed', 'callers over HTTP get 404')]
  const changes: Change[] = []
  if (before.method !== after.method) {
    const change = `method changed from ${before.method} to ${after.method}`
    changes.push(breaking(place, change, 'callers with the old method get 405 or 404'))
  }
  if (shapeOf(before.path) !== shapeOf(after.path)) {
    const change = `path changed from ${before.path} to ${after.path}`
    changes.push(breaking(place, change, 'callers of the old path get 404'))
  } else if (before.path !== after.path) {
    const change = `path parameter renamed from ${before.path} to ${after.path}`
    changes.push(safe(place, change, 'the same URLs are answered'))
  }
  if (before.status !== after.status) {
    const change = `status changed from ${before.status} to ${after.status}`
    changes.push(
      breaking(place, change, 'callers that test for the old status take it for an error'),
    )
  }
  return changes
}

function shapeOf(path: string): string {
  return path.replace(/\{[^}]*\}/g, '{}')
}

type Rule = OperationManifest['access']

function compareAccess(place: string, before: Rule, after: Rule): readonly Change[] {
  const lost = notCovered(before, after)
  const gained = notCovered(after, before)
  const changes: Change[] = []
  if (lost !== undefined) {
    changes.push(
      breaking(place, `access narrowed: ${lost} lost it`, 'they are refused from now on'),
    )
  }
  if (gained !== undefined) {
    const reason = 'nobody is refused who was not; make sure that this is meant'
    changes.push(safe(place, `access widened: ${gained} got it`, reason))
  }
  return changes
}

/** Those whom `rule` lets in and `by` does not. */
function notCovered(rule: Rule, by: Rule): string | undefined {
  if (rule === 'internal' || by === 'public') return undefined
  if (rule === 'public') return 'everybody'
  if (by === 'signed-in') return undefined
  if (rule === 'signed-in') return 'signed-in callers'
  const roles = typeof by === 'string' ? [] : by
  const missing = rule.filter((role) => !roles.includes(role))
  return missing.length === 0 ? undefined : missing.join(', ')
}

function compareFailureNames(
  place: string,
  before: readonly string[],
  after: readonly string[],
): readonly Change[] {
  const added = after.filter((name) => !before.includes(name))
  const removed = before.filter((name) => !after.includes(name))
  const addedReason = 'callers that handle each declared failure do not know this one'
  return [
    ...added.map((name) => breaking(place, `failure ${name} added`, addedReason)),
    ...removed.map((name) =>
      safe(place, `failure ${name} removed`, 'callers handle one case that does not come'),
    ),
  ]
}

function compareIdempotency(
  place: string,
  before: OperationManifest,
  after: OperationManifest,
): readonly Change[] {
  const [was, is] = [before.idempotency ?? 'optional', after.idempotency ?? 'optional']
  if (was === is) return []
  return is === 'required'
    ? [breaking(place, 'idempotency key became required', 'callers without a key get 400')]
    : [safe(place, 'idempotency key became optional', 'callers may still send one')]
}

function compareTimeouts(place: string, before: number, after: number): readonly Change[] {
  if (before === after) return []
  return after < before
    ? [
        breaking(
          place,
          `timeout lowered from ${before} ms to ${after} ms`,
          'calls that took longer were answered until now',
        ),
      ]
    : [safe(place, `timeout raised from ${before} ms to ${after} ms`, 'no call ends earlier')]
}
