import { topologyFlagMalformed, topologyKeyUnknown, topologyServiceUnknown } from './errors.ts'
import { pathOf } from './field.ts'
import { fieldList, fields } from './fields.ts'
import { nearestOf } from './nearest.ts'
import { showValue } from './show-value.ts'
import type { Values } from './values.ts'

/** Takes the values of flags, `services.sales.instances=3`; of two for one path the later counts. */
export function giveFlags(values: Values, flags: readonly string[]): void {
  for (const flag of flags) giveFlag(values, flag)
}

function giveFlag(values: Values, flag: string): void {
  const [, path = '', text = ''] = /^([^=]+)=(.*)$/s.exec(flag) ?? []
  if (path === '') {
    return values.problems.add(topologyFlagMalformed({ path: 'flags', value: showValue(flag) }))
  }
  const [, service] = /^services\.([^.]+)/.exec(path) ?? []
  if (service !== undefined && !values.services.includes(service)) {
    const nearest = nearestOf(service, values.services)
    return values.problems.add(topologyServiceUnknown({ path, service, nearest }))
  }
  const paths = knownPaths(values)
  // `gateway=none` is short for its engine, as in a file.
  const field = paths.get(path === 'gateway' ? fields.engine.path : path)
  if (field === undefined) return refuse(values, path, [...paths.keys()])
  const given = { value: field.ofText(text), origin: 'flag', source: `--set ${flag}` } as const
  values.give(field, path === 'gateway' ? fields.engine.path : path, given)
}

function knownPaths(values: Values): ReadonlyMap<string, (typeof fieldList)[number]> {
  return new Map(
    fieldList.flatMap((field) =>
      field.path.includes('*')
        ? values.services.map((service) => [pathOf(field, service), field] as const)
        : [[field.path, field] as const],
    ),
  )
}

function refuse(values: Values, path: string, paths: readonly string[]): void {
  const nearest = nearestOf(path, paths)
  const known = fieldList.map((field) => pathOf(field, '<service>')).join(', ')
  values.problems.add(topologyKeyUnknown({ path, nearest, known }))
}
