import type { JsonSchema } from '../json-schema-tree.ts'
import { breaking, type Change, judge, safe } from './change.ts'
import { compareOperations } from './compare-operations.ts'
import { compareSchemas } from './compare-schemas.ts'
import type {
  ContractManifest,
  EventManifest,
  FailureManifest,
  ModuleManifest,
} from './manifest.ts'

/** Every difference between two versions of the contracts, in the order of their places.
 *  Breaking means: a caller, a reader or a consumer written for `before` may fail with `after`. What
 *  callers send may be accepted more freely, what they get may become more certain; the reverse
 *  breaks them. What cannot be decided is breaking and says so.
 *  @returns an empty list exactly where nothing differs that the manifests describe */
export function compareContracts(
  before: ContractManifest,
  after: ContractManifest,
): readonly Change[] {
  return compareRecords(before.modules, after.modules, {
    added: (name) => [safe(name, 'module added', 'nobody calls it yet')],
    removed: (name) => [breaking(name, 'module removed', 'its callers find nobody')],
    both: compareModules,
  })
}

function compareModules(
  name: string,
  before: ModuleManifest,
  after: ModuleManifest,
): readonly Change[] {
  const failures = compareRecords(before.failures, after.failures, {
    added: (key) => [
      safe(`${name}.failures.${key}`, 'failure added', 'no operation ends with it by that alone'),
    ],
    removed: (key) => [
      breaking(`${name}.failures.${key}`, 'failure removed', 'callers that name it do not compile'),
    ],
    both: (key, one, other) => compareFailures(`${name}.failures.${key}`, one, other),
  })
  const events = compareRecords(before.events, after.events, {
    added: (key) => [safe(`${name}.events.${key}`, 'event added', 'nobody consumes it yet')],
    removed: (key) => [
      breaking(`${name}.events.${key}`, 'event removed', 'its consumers wait for ever'),
    ],
    both: (key, one, other) => compareEvents(`${name}.events.${key}`, one, other),
  })
  const operations = compareRecords(before.operations, after.operations, {
    added: (key) => [safe(`${name}.${key}`, 'operation added', 'nobody calls it yet')],
    removed: (key) => [breaking(`${name}.${key}`, 'operation removed', 'its callers are refused')],
    both: (key, one, other) => compareOperations(`${name}.${key}`, one, other),
  })
  return [...operations, ...failures, ...events]
}

function compareFailures(
  place: string,
  before: FailureManifest,
  after: FailureManifest,
): readonly Change[] {
  const changes: Change[] = []
  if (before.code !== after.code) {
    const change = `code changed from ${before.code} to ${after.code}`
    changes.push(breaking(place, change, 'callers decide by the code'))
  }
  if (before.kind !== after.kind) {
    const change = `kind changed from ${before.kind} to ${after.kind}`
    changes.push(breaking(place, change, 'the kind decides HTTP status and retries'))
  }
  return [...changes, ...judged(`${place} details`, before.details, after.details)]
}

function compareEvents(
  place: string,
  before: EventManifest,
  after: EventManifest,
): readonly Change[] {
  const changes: Change[] = []
  if (before.version !== after.version) {
    const change = `version changed from ${before.version} to ${after.version}`
    changes.push(breaking(place, change, 'consumers of the old version get no more events'))
  }
  if (before.key !== after.key) {
    const change = `key changed from ${before.key ?? 'computed'} to ${after.key ?? 'computed'}`
    changes.push(breaking(place, change, 'events that were kept in order may overtake each other'))
  }
  return [...changes, ...judged(`${place} payload`, before.payload, after.payload)]
}

/** Details and payloads travel to those who read them. */
function judged(place: string, before: JsonSchema, after: JsonSchema): readonly Change[] {
  return compareSchemas(before, after, place).map((difference) => judge(difference, 'output'))
}

function compareRecords<Value>(
  before: Readonly<Record<string, Value>>,
  after: Readonly<Record<string, Value>>,
  compare: {
    added(key: string): readonly Change[]
    removed(key: string): readonly Change[]
    both(key: string, before: Value, after: Value): readonly Change[]
  },
): readonly Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys.flatMap((key) => {
    const one = Object.hasOwn(before, key) ? before[key] : undefined
    const other = Object.hasOwn(after, key) ? after[key] : undefined
    if (one === undefined) return compare.added(key)
    return other === undefined ? compare.removed(key) : compare.both(key, one, other)
  })
}
