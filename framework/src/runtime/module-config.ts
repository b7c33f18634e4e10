import { compileSchema, type TextFields } from '../schema/index.ts'
import type { Module } from '../module/index.ts'
import { runtimeSettingInvalid } from './errors.ts'

/** The settings of a module: each field from the variable `<MODULE>_<FIELD>` (`PAYMENTS_PSP_URL` for
 *  `pspUrl` of `payments`), overridden by `given`, checked by the module's schema.
 *  @throws RUNTIME_SETTING_INVALID naming the variable */
export function readModuleConfig(
  module: Module,
  variables: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, unknown>> = {},
): unknown {
  if (module.config === undefined) return {}
  const schema = compileSchema(module.config)
  const { name } = module.contract
  const fields: Record<string, string> = {}
  for (const field of fieldNames(schema.jsonSchema('input'))) {
    const text = variables[variableOf(name, field)]
    if (text !== undefined && text !== '') fields[field] = text
  }
  for (const [field, value] of Object.entries(given)) fields[field] = String(value)
  const parsed = schema.decodeText(fields as TextFields)
  if (parsed.ok) return parsed.value
  const [issue] = parsed.issues
  const field = String(issue?.path[0] ?? '')
  throw runtimeSettingInvalid({ name: variableOf(name, field), cause: issue?.message ?? 'invalid' })
}

/** `PAYMENTS_PSP_URL` for `pspUrl` of `payments`. */
export function variableOf(module: string, field: string): string {
  return `${upperSnake(module)}_${upperSnake(field)}`
}

function upperSnake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

function fieldNames(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const { properties } = schema as { properties?: Record<string, unknown> }
  return Object.keys(properties ?? {})
}
