import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ExternalCaller } from '../../call/index.ts'
import type { Principal } from '../../kernel/index.ts'
import { type TestApplication, testApplication } from '../test-application.ts'
import type { TestApplicationOptions } from '../test-application-options.ts'
import { createParityApplication } from './application.fixture.ts'
import { front, store } from './contracts.fixture.ts'
import type { Observed } from './observed.fixture.ts'
import { type Road, roads } from './roads.fixture.ts'

/** One property that every call has, whatever road it takes. */
export interface ParityCase {
  readonly title: string
  /** Where the road may be seen, and why; a case without it holds in the same words on all roads. */
  readonly differs?: string
  run(run: ParityRun): Promise<void>
}

/** A case on one road. */
export interface ParityRun {
  readonly road: Road
  readonly app: TestApplication
  readonly observed: Observed
  /** Names this case on this road, for what it writes and observes. */
  readonly label: string
  /** Calls as a member. */
  readonly member: ExternalCaller
  /** Rows that commands of `store` left under a label. */
  effects(label?: string): Promise<number>
}

/** Who calls in nearly all cases. */
export const member: Principal = { subject: 'ann', roles: ['member'] }

export interface SuiteOptions extends Omit<TestApplicationOptions, 'runner'> {
  /** Fewer deaths than this mean that nothing was tried; 3 unless given, one for each moment. */
  readonly killsMin?: number
}

/** More deaths than a run of an application's tests has: the cases are short. */
const kills = { every: 3, restMs: 0 }

/** Runs the same cases on every road, with one application per road. `http` is on. */
export function onAllRoads(cases: readonly ParityCase[], options: SuiteOptions = {}): void {
  for (const road of roads) {
    describe(road.name, () => onRoad(road, cases, options))
  }
}

function onRoad(
  road: Road,
  cases: readonly ParityCase[],
  { killsMin = 3, ...options }: SuiteOptions,
): void {
  const { application, observed } = createParityApplication()
  let app: TestApplication
  before(async () => {
    app = await testApplication(application, { http: true, kills, ...options, ...road.options })
    // opens the road: a call of 300 ms is given up before its deadline while there is none
    await app.as(member).of(front).see({ label: 'road' })
    await app.as(member).of(store).see({ label: 'road' })
  })
  after(() => app[Symbol.asyncDispose]())
  for (const [index, { title, run, differs }] of cases.entries()) {
    test(`${title} (${road.name})`, (t) => {
      if (differs !== undefined) t.diagnostic(`a difference that is meant: ${differs}`)
      const label = `case-${index}`
      return run({
        ...{ road, app, observed, label, member: app.as(member) },
        effects: (of = label) => countEffects(app, of),
      })
    })
  }
  if (!road.isDeadly) return
  test('instances were killed while they worked', (t) => {
    const moments = new Set(app.kills.map(({ moment }) => moment))
    t.diagnostic(`${app.kills.length} instances were killed, on ${[...moments].join(', ')}`)
    assert.ok(app.kills.length >= killsMin)
    assert.equal(moments.size, Math.min(3, app.kills.length))
  })
}

/** As the owner of the database sees it, behind the module's back. */
async function countEffects({ server }: TestApplication, label: string): Promise<number> {
  const connection = await server.connect()
  try {
    return await new Promise<number>((resolve, reject) => {
      connection.send({
        text: 'select count(*)::int as n from store.effect where label = $1',
        ...{ name: undefined, isScript: false, values: [label] },
        succeed: ({ rows }) => resolve(Number(rows[0]?.['n'])),
        fail: ({ message }) => reject(new Error(message)),
      })
    })
  } finally {
    await connection.close()
  }
}
