import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createSeededRandom, FakeClock } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { createDirectory } from './directory.ts'
import { parseDirectory } from './directory-content.ts'
import { watchDirectoryFile, type WatchedDirectory } from './directory-file.ts'
import type { InstanceAddress } from './port.ts'
import { instance } from './router.fixture.ts'

const textOf = (generation: number, instances: readonly unknown[]): string =>
  JSON.stringify({ format: 1, generation, instances })

interface Fixture {
  readonly directory: WatchedDirectory
  readonly clock: FakeClock
  readonly file: string
  /** Replaces the file, as the supervisor does. */
  replace(text: string): Promise<void>
  /** Lets the watcher or the poll see it. */
  ids(expected: readonly string[]): Promise<void>
  logged(): Promise<readonly string[]>
}

async function open(t: TestContext, text?: string): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-directory-'))
  const file = join(folder, 'directory.json')
  if (text !== undefined) await writeFile(file, text)
  const clock = new FakeClock()
  const sink = createMemorySink()
  const random = createSeededRandom(1)
  const telemetry = createTelemetry({ clock, random, service: 'edge', sink })
  const directory = await watchDirectoryFile({ file, clock, telemetry })
  t.after(async () => {
    await directory[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  return {
    ...{ directory, clock, file },
    async replace(next) {
      await writeFile(`${file}.new`, next)
      await rename(`${file}.new`, file)
    },
    async ids(expected) {
      const idsNow = (): string => directory.instances.map(({ id }) => id).join()
      for (let tries = 0; tries < 200 && idsNow() !== expected.join(); tries++) {
        await clock.advance(500)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      assert.equal(idsNow(), expected.join())
    },
    async logged() {
      await telemetry.logs.flush()
      return sink.lines
    },
  }
}

/** Looks often enough for anything that would be seen to be seen. */
async function settle({ clock }: Fixture): Promise<void> {
  for (let look = 0; look < 6; look++) {
    await clock.advance(500)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('the file is read before the directory is handed out, and followed when it is replaced', async (t) => {
  const fixture = await open(t, textOf(1, [instance('a')]))
  assert.deepEqual(fixture.directory.instances, [instance('a')])
  let changes = 0
  const unwatch = fixture.directory.watch(() => changes++)
  await fixture.replace(textOf(2, [instance('a'), instance('b')]))
  await fixture.ids(['a', 'b'])
  assert.equal(changes, 1)
  unwatch()
  await fixture.replace(textOf(3, []))
  await fixture.ids([])
  assert.equal(changes, 1)
})

test('a file that is missing yet is an empty directory, and one that goes away changes nothing', async (t) => {
  const fixture = await open(t)
  assert.deepEqual(fixture.directory.instances, [])
  await fixture.replace(textOf(1, [instance('a')]))
  await fixture.ids(['a'])
  await rm(fixture.file)
  await settle(fixture)
  assert.equal(fixture.directory.instances.length, 1)
})

test('an older generation is ignored', async (t) => {
  const fixture = await open(t, textOf(5, [instance('a')]))
  await fixture.replace(textOf(4, [instance('old')]))
  await settle(fixture)
  assert.deepEqual(fixture.directory.instances, [instance('a')])
  await fixture.replace(textOf(6, [instance('new')]))
  await fixture.ids(['new'])
})

test('a half-written file is waited for, without a word', async (t) => {
  const whole = textOf(2, [instance('b')])
  const fixture = await open(t, textOf(1, [instance('a')]))
  await writeFile(fixture.file, whole.slice(0, 30))
  await fixture.clock.advance(1)
  await writeFile(fixture.file, whole)
  await fixture.ids(['b'])
  assert.doesNotMatch((await fixture.logged()).join('\n'), /REMOTE_DIRECTORY_CORRUPT/)
})

test('a file that stays corrupt is logged once, and the last good one stays', async (t) => {
  const fixture = await open(t, textOf(1, [instance('a')]))
  await writeFile(fixture.file, '{"format":2}')
  await settle(fixture)
  await settle(fixture)
  const lines = (await fixture.logged()).filter((line) => line.includes('REMOTE_DIRECTORY_CORRUPT'))
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /format is 2, not 1/)
  assert.deepEqual(fixture.directory.instances, [instance('a')])
  await fixture.replace(textOf(2, [instance('b')]))
  await fixture.ids(['b'])
})

const tcp = { ...instance('a'), endpoint: { kind: 'tcp', host: '127.0.0.1', port: 80 } }
const corrupt: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', [], /not an object/],
  ['another format', { format: '1' }, /format is "1"/],
  ['no generation', { format: 1, generation: 1.5, instances: [] }, /generation/],
  ['no list', { format: 1, generation: 1, instances: {} }, /instances is not a list/],
  ['an entry that is none', { format: 1, generation: 1, instances: [null] }, /\[0\]: is not an/],
  ['no id', { format: 1, generation: 1, instances: [{ ...tcp, id: '' }] }, /id is not/],
  ['no service', { format: 1, generation: 1, instances: [{ ...tcp, service: 1 }] }, /service/],
  [
    'no modules',
    { format: 1, generation: 1, instances: [{ ...tcp, modules: ['a', 1] }] },
    /modules/,
  ],
  ['an id twice', { format: 1, generation: 1, instances: [tcp, tcp] }, /a is listed twice/],
  ...[
    null,
    { kind: 'unix' },
    { kind: 'tcp', host: 'h', port: 0 },
    { kind: 'tcp', host: 'h', port: 65_536 },
    { kind: 'tcp', port: 1 },
    { kind: 'udp', host: 'h', port: 1 },
  ].map(
    (endpoint) =>
      [
        `the endpoint ${JSON.stringify(endpoint)}`,
        { format: 1, generation: 1, instances: [{ ...tcp, endpoint }] },
        /endpoint/,
      ] as const,
  ),
  ['too many', { format: 1, generation: 1, instances: new Array(4_097).fill(tcp) }, /4096/],
]

for (const [name, value, reason] of corrupt) {
  test(`a directory is refused with a reason: ${name}`, () => {
    const parsed = parseDirectory(JSON.stringify(value))
    assert.match(typeof parsed === 'string' ? parsed : 'accepted', reason)
  })
}

test('a directory is read as it was written, unknown fields left out', () => {
  const instances: readonly InstanceAddress[] = [tcp as InstanceAddress, instance('b')]
  const text = JSON.stringify({ format: 1, generation: 7, instances, note: 1 })
  assert.deepEqual(parseDirectory(text), { generation: 7, instances })
  const broken = parseDirectory('{')
  assert.match(typeof broken === 'string' ? broken : '', /JSON/)
})

test('a directory in memory tells everybody who watches', () => {
  const directory = createDirectory([instance('a')])
  const seen: string[] = []
  const note = (): void => void seen.push(directory.instances.map(({ id }) => id).join())
  const unwatch = directory.watch(note)
  directory.watch(note)
  directory.set([instance('b')])
  unwatch()
  directory.set([])
  assert.deepEqual(seen, ['b', 'b', ''])
})
