import type * as z from 'zod'

/** One thing wrong with a value, as zod reports it. `path` leads from the root to the place. */
export interface Issue {
  readonly path: readonly (string | number)[]
  readonly code: string
  readonly message: string
}

/** A checked value, or the issues that stand against it. */
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** The answer of the `…OrInvalid` functions for a value that is not accepted. */
export const invalid: unique symbol = Symbol('banyan.invalid')
export type Invalid = typeof invalid

/** Fields of a path or of a query string, as text. */
export type TextFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** A zod schema, compiled: check, copy, and the way to and from the wire.
 *
 *  The wire form is JSON: bigint ↔ decimal string, Date ↔ ISO 8601 string, Map ↔ array of pairs,
 *  Set ↔ array, Uint8Array ↔ base64; undefined fields are left out; undefined in a list, and as the
 *  root, is null. Not told apart on the wire: 0 and -0, undefined and null in a list that takes both,
 *  and options of a plain union that look alike there (text and bigint): the first that accepts wins.
 *  A required `unknown` field that is undefined does not travel.
 *  Every refused value has been judged by zod itself, so issues and messages are zod's. */
export interface CompiledSchema<Value = unknown> {
  readonly schema: z.ZodType
  /** It holds a one-way transform: what `decode` returns cannot be encoded so that it decodes again.
   *  Codecs are not one-way. */
  readonly isOneWay: boolean
  /** Checks and copies a value in the domain form. Equal to `schema.safeParse(value)`, except that
   *  the result shares nothing mutable with the input, also below `any` and `unknown`, where plain
   *  data is copied, and functions and instances of classes are refused (code `uncopyable`).
   *  An object that the input holds twice is there twice; one that contains itself is refused.
   *  Limits: values nested deeper than `depthMax` levels are refused (code `too_deep`). */
  copy(value: unknown): Checked<Value>
  /** From parsed JSON in wire form to a checked domain value. */
  decode(wire: unknown): Checked<Value>
  /** From path or query fields: as `decode`, and numbers and booleans are read from text, and one
   *  value is accepted where an array or a set is asked for. */
  decodeText(fields: TextFields): Checked<Value>
  /** A domain value that was already checked, as JSON text in wire form.
   *  @throws KERNEL_VALUE_UNENCODABLE for what JSON cannot carry (NaN, functions, instances). */
  encode(value: Value): string
  /** JSON Schema 2020-12 of the wire form, for OpenAPI 3.1. */
  jsonSchema(view: 'input' | 'output'): Record<string, unknown>
  /** As `copy`, without a result object, for hot paths: the value, or `invalid`. `invalid` is not the
   *  last word: then ask `copy`, which lets zod judge, and zod may still accept a rare construct. */
  copyOrInvalid(value: unknown): Value | Invalid
  /** As `copyOrInvalid`, for the wire form; on `invalid` ask `decode`. */
  decodeOrInvalid(wire: unknown): Value | Invalid
}

/** Levels of nesting that a value may have; deeper ones are refused, not followed. */
export const depthMax = 128
