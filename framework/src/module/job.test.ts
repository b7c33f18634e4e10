import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { contract } from '../contract/index.ts'
import { moduleJobInvalid, moduleTablesMissing } from './errors.ts'
import { type JobOptions, job } from './job.ts'
import { module } from './module.ts'

test('a job whose declaration cannot be is refused where it is declared', () => {
  const input = z.object({ id: z.string() })
  const wrong: readonly (readonly [string, JobOptions<z.ZodType>, RegExp])[] = [
    ['Resize', { input }, /not lower camel case/],
    ['resize', { input, attemptsMax: 0 }, /attemptsMax is 0/],
    ['resize', { input, priority: 101 }, /priority is 101/],
    ['resize', { input, rate: { count: 1.5, perMs: 1_000 } }, /rate\.count is 1\.5/],
    ['resize', { input: z.string().transform((text) => text.length) }, /goes one way/],
  ]
  for (const [name, options, reason] of wrong) {
    assert.throws(
      () => job(name, options),
      (error: Error) => moduleJobInvalid.is(error) && reason.test(error.message),
    )
  }
  assert.equal(job('resize', { input, attemptsMax: 3 }).name, 'resize')
})

test('a module that has something to do about messages needs tables to keep them in', () => {
  const tidy = job('tidy', { input: z.object({}) })
  const declared = contract('attic', { operations: {} })
  const declare = (): unknown =>
    module(declared, {
      handlers: {},
      messages: ({ perform }) => [perform(tidy, async () => {})],
    })
  assert.throws(declare, moduleTablesMissing.is)
})
