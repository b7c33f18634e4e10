import { type Field, pathOf } from './field.ts'
import { fieldList, fields } from './fields.ts'
import { messageEngineOf } from './message-engine.ts'
import type { Values } from './values.ts'

/** Takes the values of variables that scale an application; an empty one counts as absent. */
export function giveEnvironment(
  values: Values,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  for (const field of fieldList) {
    const { variable: source } = field
    const text = source === undefined ? undefined : environment[source]
    if (source === undefined || text === undefined || text === '') continue
    const value = valueOf(field, text)
    giveEverywhere(values, field, { value, source })
  }
}

/** A URL says which engine it leads to; it is itself no part of a plan. */
function valueOf(field: Field<unknown>, text: string): unknown {
  if (field === fields.server) return 'environment'
  if (field === fields.messageEngine) return messageEngineOf(text) ?? text
  return field.ofText(text)
}

/** A variable speaks of all services; that it is wrong is told once. */
function giveEverywhere(
  values: Values,
  field: Field<unknown>,
  { value, source }: { readonly value: unknown; readonly source: string },
): void {
  const given = { value, origin: 'environment', source } as const
  if (!field.path.includes('*') || 'fault' in field.read(value)) {
    return values.give(field, field.path, given)
  }
  for (const service of values.services) {
    values.give(field, pathOf(field, service), given)
  }
}
