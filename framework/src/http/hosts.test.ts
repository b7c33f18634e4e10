import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import express from 'express'
import fastify from 'fastify'
import * as z from 'zod'
import { command, query } from '../contract/index.ts'
import { authenticate, handlerOf, operationOf } from './http.fixture.ts'
import type { HttpHandler } from './index.ts'

const Line = z.object({ sku: z.string(), count: z.int() })

/** A module's operations, as they would be mounted into a server that exists already. */
function mountable(): HttpHandler {
  const read = query({ input: Line, output: Line, http: 'GET /lines/{sku}', access: 'public' })
  const write = command({ input: Line, output: Line, http: 'POST /lines', access: 'signed-in' })
  const echo = (input: object): object => input
  const operations = [operationOf('a.read', read, echo), operationOf('a.write', write, echo)]
  return handlerOf(operations, { authenticate }).handler
}

/** What every host must leave as it is. */
async function assertWorks(url: string): Promise<void> {
  const read = await fetch(`${url}/api/lines/a%20b?count=2`)
  assert.deepEqual([read.status, await read.json()], [200, { sku: 'a b', count: 2 }])
  const etag = read.headers.get('etag') ?? ''
  const same = await fetch(`${url}/api/lines/a%20b?count=2`, { headers: { 'If-None-Match': etag } })
  assert.equal(same.status, 304)
  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/api/lines`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer user-1', ...headers },
    })
  const written = await post('{"sku":"é","count":1}')
  assert.deepEqual([written.status, await written.json()], [200, { sku: 'é', count: 1 }])
  const invalid = await post('{"sku":"x","count":"1"}')
  assert.equal(invalid.status, 400)
  assert.match(await invalid.text(), /CALL_INPUT_INVALID.*"path":"count"/)
  const stolen = await post('{}', { Authorization: 'Bearer stolen' })
  assert.equal(stolen.status, 401)
  const own = await fetch(`${url}/api/own`)
  assert.deepEqual([own.status, await own.text()], [200, 'own'], 'what is not ours is passed on')
}

async function withServer(
  listener: RequestListener,
  run: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('a handler mounts into Express, before and after its body parsers', async () => {
  for (const parser of [
    undefined,
    express.json(),
    express.text({ type: '*/*' }),
    express.raw({ type: '*/*' }),
  ]) {
    const app = express()
    if (parser !== undefined) app.use(parser)
    app.use('/api', mountable())
    app.get('/api/own', (_request, response) => void response.send('own'))
    await withServer(app, assertWorks)
  }
})

test('a handler mounts into Fastify', async () => {
  const app = fastify()
  const handler = mountable()
  app.get('/api/own', (_request, reply) => reply.send('own'))
  await app.register(async (scope) => {
    // The handler reads the body itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.all('/api/*', (request, reply) => {
      reply.hijack()
      request.raw.url = (request.raw.url ?? '').slice('/api'.length)
      handler(request.raw, reply.raw)
    })
  })
  try {
    await assertWorks(await app.listen({ port: 0, host: '127.0.0.1' }))
  } finally {
    await app.close()
  }
})

test('a handler takes a body that Fastify has parsed', async () => {
  const app = fastify()
  const handler = mountable()
  app.post('/lines', (request, reply) => {
    reply.hijack()
    handler(Object.assign(request.raw, { body: request.body }), reply.raw)
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer user-1' }
    const answer = await fetch(`${url}/lines`, {
      method: 'POST',
      body: '{"sku":"x","count":1}',
      headers,
    })
    assert.deepEqual([answer.status, await answer.json()], [200, { sku: 'x', count: 1 }])
  } finally {
    await app.close()
  }
})

test('a handler mounts into NestJS', async () => {
  class Empty {}
  Module({})(Empty)
  const app = await NestFactory.create<NestExpressApplication>(Empty, { logger: false })
  app.use('/api', mountable())
  app.use('/api/own', (_request: unknown, response: ServerResponse) => void response.end('own'))
  await app.listen(0, '127.0.0.1')
  try {
    await assertWorks(await app.getUrl())
  } finally {
    await app.close()
  }
})

test('without a next handler, a mounted handler answers 404 itself', async () => {
  const handler = mountable()
  await withServer(
    (request, response) => handler(request, response),
    async (url) => {
      const response = await fetch(`${url}/own`)
      assert.equal(response.status, 404)
      assert.match(await response.text(), /HTTP_ROUTE_NOT_FOUND/)
    },
  )
})

test('a body that the host has read and not left behind is a bug that says so in the logs', async () => {
  const { handler, telemetry, sink } = handlerOf([
    operationOf(
      'a.write',
      command({ input: Line, output: Line, http: 'POST /lines', access: 'public' }),
      (input: object) => input,
    ),
  ])
  const app = express()
  app.use((request, _response, next) => void request.resume().on('end', next))
  app.use(handler)
  await withServer(app, async (url) => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/lines`, { method: 'POST', body: '{}', headers })
    assert.equal(response.status, 500)
    assert.match(await response.text(), /HTTP_BODY_CONSUMED/)
  })
  await telemetry.logs.flush()
  assert.match(sink.lines.join(), /Mount the handler before|was read before it came here/)
})
