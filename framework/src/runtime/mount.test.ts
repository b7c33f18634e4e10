import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import express from 'express'
import * as z from 'zod'
import { contract, query } from '../contract/index.ts'
import { application, module } from '../module/index.ts'
import { createMemorySink } from '../telemetry/index.ts'
import { parseSettings, startRuntime } from './index.ts'

const greeting = contract('greeting', {
  operations: {
    greet: query({
      input: z.object({ name: z.string() }),
      output: z.object({ text: z.string() }),
      access: 'public',
      http: 'GET /greetings/{name}',
    }),
  },
})
const greeter = application('greeter', {
  modules: [module(greeting, { handlers: { greet: ({ name }) => ({ text: `hello ${name}` }) } })],
})

test('an application without a listener is mounted into a foreign server in three lines', async () => {
  const settings = parseSettings({
    BANYAN_TOKEN_SECRET: 'a secret for tests that is known to everybody',
  })
  await using runtime = await startRuntime({
    application: greeter,
    settings,
    listen: false,
    sink: createMemorySink(),
  })
  const host = express()
  host.use('/api', runtime.handler)
  host.get('/own', (_request, response) => void response.json({ own: true }))
  const server = createServer(host).listen(0, '127.0.0.1')
  await new Promise((resolve) => void server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const answer = await fetch(`${url}/api/greetings/ada`)
    assert.deepEqual(await answer.json(), { text: 'hello ada' })
    assert.deepEqual(await (await fetch(`${url}/own`)).json(), { own: true })
    assert.equal(runtime.url, '')
    assert.equal(runtime.databaseLabel, 'no database')
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
  }
})
