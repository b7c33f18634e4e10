import type { core } from 'zod'

/** Limits of a bigint or a date, which JSON Schema cannot state of a string: inclusive ones as
 *  `x-banyan-minimum` and `x-banyan-maximum`, exclusive ones with `exclusive-` before the noun, in
 *  wire form. The tightest of several counts. */
export function valueLimits(schema: core.$ZodType): Record<string, string> {
  const limits = new Map<string, bigint | Date>()
  for (const check of schema._zod.def.checks ?? []) {
    const def = check._zod.def as Partial<core.$ZodCheckGreaterThanDef>
    const name = keywordOf(def)
    const { value } = def
    if (name === undefined || !(typeof value === 'bigint' || value instanceof Date)) continue
    const known = limits.get(name)
    const isTighter =
      known === undefined || (name.endsWith('minimum') ? value > known : value < known)
    if (isTighter) limits.set(name, value)
  }
  return Object.fromEntries([...limits].map(([name, value]) => [name, wireOf(value)]))
}

function keywordOf(def: Partial<{ check: string; inclusive: boolean }>): string | undefined {
  const isLower = def.check === 'greater_than'
  if (!isLower && def.check !== 'less_than') return undefined
  return `x-banyan-${def.inclusive === true ? '' : 'exclusive-'}${isLower ? 'minimum' : 'maximum'}`
}

function wireOf(value: bigint | Date): string {
  return typeof value === 'bigint' ? value.toString() : value.toISOString()
}
