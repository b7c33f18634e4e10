import { isJsonObject, type JsonSchema, stableText } from '../json-schema-tree.ts'
import type { Comparison, Verdict } from './change.ts'

/** A field on one side: declared, or covered by what is said of other fields. */
interface Field {
  readonly schema: unknown
  readonly isRequired: boolean
}

const ignored: Verdict = { severity: 'safe', reason: 'readers ignore fields that they do not know' }
const dropped: Verdict = {
  severity: 'breaking',
  reason: 'what callers send in it is dropped without a word',
}
const refused: Verdict = { severity: 'breaking', reason: 'callers that send it are refused' }
const missed: Verdict = { severity: 'breaking', reason: 'readers of the field find nothing' }
const unsent: Verdict = { severity: 'breaking', reason: 'callers do not send it' }
const absent: Verdict = {
  severity: 'breaking',
  reason: 'callers that leave the field out now say something else',
}

/** Objects and records: declared fields, the others, and the names of fields. */
export function compareObjects(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  const names = [...new Set([...namesOf(before), ...namesOf(after)])].sort()
  for (const name of names) {
    const [was, is] = [fieldOf(before, name), fieldOf(after, name)]
    const at = `${place}.${name}`
    if (was === undefined) reportAdded(comparison, at, is)
    else if (is === undefined) reportRemoved(comparison, at, isClosed(after))
    else compareFields(comparison, at, [was, is])
  }
  compareOthers(comparison, place, [before, after])
  if (isJsonObject(before['propertyNames']) || isJsonObject(after['propertyNames'])) {
    comparison.compare(before['propertyNames'], after['propertyNames'], `${place}{key}`)
  }
}

function compareFields(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [Field, Field],
): void {
  const [was, is] = [defaultOf(before.schema), defaultOf(after.schema)]
  const isEased = before.isRequired && !after.isRequired
  const isObliged = !before.isRequired && after.isRequired
  if (isObliged) {
    const verdict = { input: unsent }
    comparison.report({ place, change: 'field became required', effect: 'narrowed', verdict })
  } else if (was !== is && was !== undefined) {
    const change = is === undefined ? 'default removed' : 'default changed'
    comparison.report({ place, change, effect: 'unclear', verdict: { input: absent } })
  } else if (was !== is) comparison.report({ place, change: 'default added', effect: 'widened' })
  else if (isEased) {
    const verdict = { output: missed }
    comparison.report({ place, change: 'field became optional', effect: 'widened', verdict })
  }
  comparison.compare(before.schema, after.schema, place)
}

function reportAdded(comparison: Comparison, place: string, field: Field | undefined): void {
  if (field?.isRequired === true) {
    const verdict = { input: unsent, output: ignored }
    comparison.report({ place, change: 'required field added', effect: 'narrowed', verdict })
  } else {
    const verdict = { output: ignored }
    comparison.report({ place, change: 'optional field added', effect: 'widened', verdict })
  }
}

function reportRemoved(comparison: Comparison, place: string, isRefused: boolean): void {
  const verdict = { input: isRefused ? refused : dropped, output: missed }
  comparison.report({ place, change: 'field removed', effect: 'unclear', verdict })
}

/** What is said of fields that are not declared. */
function compareOthers(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  const [was, is] = [before['additionalProperties'], after['additionalProperties']]
  if (isJsonObject(was) && isJsonObject(is)) return comparison.compare(was, is, `${place}{*}`)
  if (isClosed(before) === isClosed(after) && isJsonObject(was) === isJsonObject(is)) return
  if (isClosed(after)) {
    comparison.report({ place, change: 'other fields refused', effect: 'narrowed' })
  } else if (isClosed(before)) {
    const verdict = { output: ignored }
    comparison.report({ place, change: 'other fields allowed', effect: 'widened', verdict })
  } else if (isJsonObject(is)) {
    comparison.compare({}, is, `${place}{*}`)
    const verdict = { output: ignored }
    comparison.report({ place, change: 'other fields kept', effect: 'widened', verdict })
  } else comparison.report({ place, change: 'other fields dropped', effect: 'unclear' })
}

/** Declared; or not, where the schema says what other fields are. */
function fieldOf(schema: JsonSchema, name: string): Field | undefined {
  const { properties, required, additionalProperties } = schema
  const isRequired = Array.isArray(required) && required.includes(name)
  if (isJsonObject(properties) && Object.hasOwn(properties, name)) {
    return { schema: properties[name], isRequired }
  }
  if (!isJsonObject(additionalProperties)) return undefined
  return { schema: additionalProperties, isRequired }
}

function namesOf({ properties }: JsonSchema): readonly string[] {
  return isJsonObject(properties) ? Object.keys(properties) : []
}

function isClosed(schema: JsonSchema): boolean {
  return schema['additionalProperties'] === false
}

function defaultOf(schema: unknown): string | undefined {
  return isJsonObject(schema) && 'default' in schema ? stableText(schema['default']) : undefined
}
