import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runSubject } from './processes.ts'
import { planCells } from './scenario.ts'
import { inlineSubject } from './subjects.ts'

const cells = planCells(0.1).map((cell) => ({ ...cell, warmSeconds: 0.05 }))

test('a client process measures every cell without an error', async () => {
  const seen = await runSubject(inlineSubject, { cells })
  assert.deepEqual(
    seen.map(({ cell, errors }) => ({ cell, errors })),
    cells.map(({ name }) => ({ cell: name, errors: 0 })),
  )
  assert.ok(seen.every(({ calls }) => calls > 0))
})

test('a subject that answers wrongly is refused before it is measured', async () => {
  const client = fileURLToPath(new URL('./wrong-client.fixture.ts', import.meta.url))
  const refused = runSubject({ name: 'wrong', client }, { cells })
  await assert.rejects(refused, /place answers \S+ differently from a call: \{/)
})

test('a server that ends instead of announcing itself is refused', async () => {
  const server = fileURLToPath(new URL('./delay.ts', import.meta.url))
  await assert.rejects(runSubject({ ...inlineSubject, server }, { cells }), /ended early/)
})
