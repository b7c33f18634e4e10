import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { describeWire } from '../wire-schema.ts'
import { type Direction, judge } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'

/** `severity place change`, one line per difference. */
export function differences(direction: Direction, before: z.ZodType, after: z.ZodType): string[] {
  const [one, other] = [describeWire(before, direction), describeWire(after, direction)]
  return compareSchemas(one, other, direction).map((difference) => {
    const { severity, place, change } = judge(difference, direction)
    return `${severity} ${place} ${change}`
  })
}

/** A rule with an example; both ways of it are planted, in both directions. */
export interface Rule {
  readonly title: string
  readonly before: z.ZodType
  readonly after: z.ZodType
  readonly input: readonly string[]
  readonly output: readonly string[]
  /** The same pair the other way round. */
  readonly inputBack: readonly string[]
  readonly outputBack: readonly string[]
}

/** One test per rule; both ways of it, in both directions. */
export function testRules(rules: readonly Rule[]): void {
  for (const { title, before, after, input, output, inputBack, outputBack } of rules) {
    test(`the comparison judges ${title}`, () => {
      assert.deepEqual(differences('input', before, after), input)
      assert.deepEqual(differences('output', before, after), output)
      assert.deepEqual(differences('input', after, before), inputBack)
      assert.deepEqual(differences('output', after, before), outputBack)
    })
  }

  test('something breaks and something passes in these rules', () => {
    const all = rules.flatMap((rule) => [
      ...rule.input,
      ...rule.output,
      ...rule.inputBack,
      ...rule.outputBack,
    ])
    for (const severity of ['breaking', 'safe']) {
      const found = all.filter((line) => line.startsWith(severity)).length
      assert.ok(found > 10, `${found} ${severity}`)
    }
  })
}
