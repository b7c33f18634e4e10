import assert from 'node:assert/strict'
import { type BanyanError, kindRules } from '../../kernel/index.ts'
import { type Ending, front, store } from './contracts.fixture.ts'
import { secret, soldOutDetails } from './endings.fixture.ts'
import { detailsText } from './front.fixture.ts'
import { onAllRoads, type ParityCase, type ParityRun } from './parity.fixture.ts'

/** An error as every caller must see it. */
interface Expected {
  readonly code: string
  readonly kind: string
  readonly message?: string
  readonly details?: (label: string) => object
}

const declaredFailures: Readonly<Partial<Record<Ending['ending'], Expected>>> = {
  soldOut: {
    code: 'STORE_SOLD_OUT',
    kind: 'conflict',
    message: `${soldOutDetails.sku}: only ${soldOutDetails.left} left`,
    details: () => soldOutDetails,
  },
  notThere: { code: 'STORE_NOT_THERE', kind: 'not_found', details: (label) => ({ label }) },
  tooMany: { code: 'STORE_TOO_MANY', kind: 'exhausted', details: () => ({ limit: 3 }) },
  closed: { code: 'STORE_CLOSED', kind: 'unavailable', details: () => ({}) },
  notAllowed: { code: 'STORE_NOT_ALLOWED', kind: 'forbidden', details: (label) => ({ label }) },
  badWish: { code: 'STORE_BAD_WISH', kind: 'invalid', details: (label) => ({ label }) },
}

const bugs: Readonly<Partial<Record<Ending['ending'], Expected>>> = {
  undeclared: { code: 'CALL_FAILURE_UNDECLARED', kind: 'bug' },
  badDetails: { code: 'CALL_FAILURE_INVALID', kind: 'bug' },
  bug: { code: 'KERNEL_BUG', kind: 'bug' },
  text: { code: 'KERNEL_BUG', kind: 'bug' },
  nothing: { code: 'KERNEL_BUG', kind: 'bug' },
  badOutput: { code: 'CALL_OUTPUT_INVALID', kind: 'bug' },
  noOutput: { code: 'CALL_OUTPUT_INVALID', kind: 'bug' },
}
const hidden = { message: 'an internal error', details: () => ({}) }

function caseOf(ending: Ending['ending'], expected: Expected): ParityCase {
  return {
    title: `${ending}: the same error of a query, a command, a nested call and over HTTP`,
    async run(run) {
      const { member, label } = run
      for (const name of ['end', 'endCommand'] as const) {
        await assert.rejects(member.of(store)[name]({ ending, label }), (error) => {
          assertError(error, expected, label)
          return true
        })
      }
      const caught = await member.of(front).end({ ending, label })
      assert.deepEqual([caught.code, caught.kind], [expected.code, expected.kind])
      if (expected.message !== undefined) assert.equal(caught.message, expected.message)
      await assertHttp(run, ending, expected)
    },
  }
}

function assertError(error: unknown, expected: Expected, label: string): void {
  const { code, kind, message, details, cause, stack } = error as BanyanError
  assert.deepEqual([code, kind], [expected.code, expected.kind])
  if (expected.message !== undefined) assert.equal(message, expected.message)
  if (expected.details !== undefined) assert.deepEqual(details, expected.details(label))
  if (kind !== 'bug') return
  assert.equal(cause, undefined)
  assert.equal(`${message} ${stack} ${JSON.stringify(error)}`.includes(secret), false)
}

async function assertHttp(
  { app, label }: ParityRun,
  ending: Ending['ending'],
  { code, kind }: Expected,
): Promise<void> {
  const response = await fetch(`${app.url}/endings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ending, label }),
  })
  const text = await response.text()
  assert.equal(response.status, kindRules[kind as keyof typeof kindRules].status, text)
  assert.equal(response.headers.get('content-type')?.split(';')[0], 'application/problem+json')
  assert.equal((JSON.parse(text) as { code: string }).code, code)
  assert.equal(text.includes(secret), false)
}

const others: readonly ParityCase[] = [
  {
    title: 'a declared failure is recognised by its definition, its details revived',
    async run({ member, label, observed }) {
      const ending = 'soldOut'
      await assert.rejects(member.of(store).end({ ending, label }), (error) => {
        assert.ok(store.failures.soldOut.is(error))
        assert.deepEqual(error.details, soldOutDetails)
        assert.notEqual(error.details, soldOutDetails)
        return true
      })
      await member.of(front).end({ ending, label })
      assert.deepEqual(new Set(observed.of(label)), new Set([detailsText(soldOutDetails)]))
    },
  },
  {
    title: 'a failure of a callee that nobody catches is a bug of the caller',
    async run({ member, label }) {
      const uncaught = member.of(front).endUncaught({ ending: 'soldOut', label })
      await assert.rejects(uncaught, { code: 'CALL_FAILURE_UNDECLARED', ...internal })
    },
  },
  {
    title: 'a bug of a callee that nobody catches is told by its code and nothing else',
    async run({ member, label }) {
      const uncaught = member.of(front).endUncaught({ ending: 'bug', label })
      await assert.rejects(uncaught, { code: 'KERNEL_BUG', ...internal })
    },
  },
  {
    title: 'a bug is logged with its cause, where it happened',
    async run({ member, label, app }) {
      await assert.rejects(member.of(store).end({ ending: 'bug', label }), { code: 'KERNEL_BUG' })
      const line = app.logs.find(
        ({ code, operation }) => code === 'KERNEL_BUG' && operation === 'store.end',
      )
      assert.ok(JSON.stringify(line?.['err']).includes(secret))
      assert.match(String(line?.['traceId']), /^[0-9a-f]{32}$/)
    },
  },
  {
    title: 'an input that a nested call refuses can be caught, and is a bug where it is not',
    async run({ member }) {
      const caught = await member.of(front).passInvalid({})
      assert.deepEqual([caught.code, caught.kind], ['CALL_INPUT_INVALID', 'invalid'])
      assert.match(caught.message, /store\.strict is not valid: count/)
    },
  },
  {
    title: 'a query calls no command, also where its types do not hinder it',
    async run({ member, label, effects }) {
      const written = member.of(front).writeFromQuery({ label })
      await assert.rejects(written, { code: 'CALL_COMMAND_REFUSED', ...internal })
      assert.equal(await effects(), 0)
    },
  },
  {
    title: 'a module that is not declared as used cannot be called',
    async run({ member }) {
      const asked = member.of(front).callStranger({})
      await assert.rejects(asked, { code: 'MODULE_USE_UNDECLARED', ...internal })
    },
  },
  {
    title: 'access rules hold for callers from outside, and not between modules',
    async run({ app, member }) {
      const internalOnly = { code: 'CALL_FORBIDDEN', kind: 'forbidden' }
      await assert.rejects(member.of(store).inside({}), internalOnly)
      assert.deepEqual(await member.of(front).callInside({}), { value: 'inside' })
      assert.deepEqual(await app.operator.of(store).inside({}), { value: 'inside' })
      assert.deepEqual(await member.of(store).members({}), { value: 'member' })
      const anonymous = { code: 'CALL_UNAUTHENTICATED', kind: 'unauthenticated' }
      await assert.rejects(app.as().of(store).members({}), anonymous)
      const guest = app.as({ subject: 'eve', roles: [] }).of(store)
      await assert.rejects(guest.members({}), {
        ...internalOnly,
        details: { operation: 'store.members', allowed: 'member' },
      })
    },
  },
]

const internal = { kind: 'bug', message: 'an internal error', details: {} }

onAllRoads([
  ...Object.entries(declaredFailures).map(([ending, expected]) =>
    caseOf(ending as Ending['ending'], expected),
  ),
  ...Object.entries(bugs).map(([ending, expected]) =>
    caseOf(ending as Ending['ending'], { ...expected, ...hidden }),
  ),
  ...others,
])
