import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { natsServer, TestNats } from './nats-server.fixture.ts'
import { hasNoOther } from './stream-gaps.ts'

test(
  'messages of a subject that are missing between others are found, deleted ones are not',
  natsServer,
  async () => {
    await using server = await TestNats.start()
    await using connection = await connect({ servers: server.url })
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 's', subjects: ['s.>'] })
    const subjects = ['s.a', 's.b', 's.a', 's.a', 's.b', 's.a']
    for (const subject of subjects) await jetstream(connection).publish(subject)
    const holds = (after: number, held: readonly number[]): Promise<boolean> =>
      hasNoOther(manager, { stream: 's', subject: 's.a', after }, held)
    assert.equal(await holds(0, [1, 3, 4, 6]), true)
    assert.equal(await holds(1, [3, 4]), true)
    assert.equal(await holds(0, []), true)
    assert.equal(await holds(0, [3, 4, 6]), false)
    assert.equal(await holds(0, [1, 4]), false)
    assert.equal(await holds(0, [1, 3, 6]), false)
    await manager.streams.deleteMessage('s', 3)
    assert.equal(await holds(0, [1, 4]), true)
    // also when what is held itself is gone
    assert.equal(await holds(0, [1, 3, 4]), true)
  },
)
