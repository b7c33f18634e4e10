import { type Checked, type CompiledSchema, invalid } from '../schema/index.ts'
import type { BanyanError } from '../kernel/index.ts'

/** A checked copy of a value in domain form. The compiled check decides in nearly all cases; what it
 *  refuses is judged again by zod, whose word is final.
 *  @throws what `refuse` makes of the issues */
export function copyChecked(
  schema: CompiledSchema,
  value: unknown,
  refuse: (checked: Checked<unknown>) => BanyanError,
): unknown {
  const copied = schema.copyOrInvalid(value)
  return copied === invalid ? settle(schema.copy(value), refuse) : copied
}

/** As `copyChecked`, from parsed JSON in wire form. */
export function decodeChecked(
  schema: CompiledSchema,
  wire: unknown,
  refuse: (checked: Checked<unknown>) => BanyanError,
): unknown {
  const decoded = schema.decodeOrInvalid(wire)
  return decoded === invalid ? settle(schema.decode(wire), refuse) : decoded
}

function settle(
  checked: Checked<unknown>,
  refuse: (checked: Checked<unknown>) => BanyanError,
): unknown {
  if (checked.ok) return checked.value
  throw refuse(checked)
}
