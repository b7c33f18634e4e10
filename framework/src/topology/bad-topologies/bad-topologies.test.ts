import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { problemsIn } from '../planned.fixture.ts'
import { badRelations } from './relations.fixture.ts'
import { badValues } from './values.fixture.ts'

const groups = [...badValues, ...badRelations]

for (const { group, accepted, refused, ...layers } of groups) {
  describe(group, () => {
    test('the good neighbour is accepted', () => {
      assert.deepEqual(problemsIn(accepted, layers), [])
    })
    for (const { title, code, path, nearest, topology, ...around } of refused) {
      test(`refused: ${title}`, () => {
        const problems = problemsIn(topology, around)
        assert.deepEqual(
          problems.map((problem) => [problem.code, problem.path]),
          [[code, path]],
          JSON.stringify(problems, undefined, 1),
        )
        const [problem] = problems
        assert.equal(problem?.nearest, nearest ?? '')
        assert.match(problem?.message ?? '', /\S{3,}/)
        assert.match(problem?.fix ?? '', /\S.*[.?]$/)
        if (nearest !== undefined) assert.ok(problem?.fix.includes(nearest))
      })
    }
  })
}

test('the corpus is as large as it claims to be, and names each thing once', () => {
  const titles = groups.flatMap(({ refused }) => refused.map(({ title }) => title))
  assert.ok(titles.length >= 100, String(titles.length))
  assert.equal(new Set(titles).size, titles.length)
})
