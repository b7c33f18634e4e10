/** Kills processes that work on messages, one each second, while others ask; what must hold afterwards is
 *  looked at by who calls it. */
import { createSeededRandom } from '../kernel/index.ts'
import { ask, pause, rowsOf, tell, until } from './yard.fixture.ts'
import type { YardDatabase, YardProcess, YardSettings } from './yard-processes.fixture.ts'

export interface KillDrill {
  readonly seconds: number
  readonly processes: number
  readonly seed: number
  /** What the processes' clocks are wrong by, in turn. */
  readonly skewsMs: readonly number[]
}

export interface KillReport {
  readonly kills: number
  readonly asked: number
  readonly told: number
  /** Effects, by job or thing: what each is about, in order. */
  readonly effects: ReadonlyMap<string, readonly string[]>
  readonly parked: readonly string[]
}

const limits = { leaseMs: 1_000, pollMs: 100, concurrencyMax: 16 }
const keys = ['a', 'b', 'c', 'd']

/** Runs the drill, and then lets everything come to its end. */
export async function runKillDrill(yard: YardDatabase, drill: KillDrill): Promise<KillReport> {
  const { processes, seconds, seed, skewsMs } = drill
  const random = createSeededRandom(seed)
  const settings = (place: number): YardSettings => ({
    ...{ by: `worker ${place}`, limits, skewMs: skewsMs[place % skewsMs.length] ?? 0 },
  })
  const places = Array.from({ length: processes }, (_, place) => yard.start(settings(place)))
  await Promise.all(places.map((one) => one.said('ready', 60_000)))
  const endMs = performance.now() + seconds * 1_000
  let kills = 0
  const killing = (async () => {
    while (performance.now() < endMs) {
      await pause(1_000)
      const place = Math.floor(random.fraction() * processes)
      const victim = places[place] as YardProcess
      if (!victim.isAlive) throw new Error(`one ended by itself: ${victim.output.slice(-2_000)}`)
      if (!victim.output.includes('ready')) continue
      await victim.kill()
      kills++
      places[place] = yard.start(settings(place))
    }
  })()
  let round = 0
  while (performance.now() < endMs) {
    await askAndTell(yard, round++)
    await pause(50)
  }
  await killing
  await until(() => isDone(yard), 60_000).catch((error: unknown) => {
    const said = places.map(({ isAlive, output }) => `${isAlive}: ${output.slice(-1_000)}`)
    throw new Error(`it did not come to its end; alive: ${said.join('\n')}`, { cause: error })
  })
  return { kills, asked: round * 2, told: round * keys.length, ...(await look(yard)) }
}

async function askAndTell(yard: YardDatabase, round: number): Promise<void> {
  const key = keys[round % keys.length] ?? ''
  await ask(
    yard.app,
    { job: 'plain', what: `slow ${round}` },
    { job: 'keyed', key, what: `slow ${key} ${round}` },
  )
  await tell(yard.app, ...keys.map((thing) => ({ thing, number: round })))
}

async function isDone({ app }: YardDatabase): Promise<boolean> {
  const left = await rowsOf(
    app,
    `select from yard.banyan_message where state < 5 union all
     select from hall.banyan_message where state < 5 union all select from yard.banyan_outbox`,
  )
  return left.length === 0
}

async function look({ app }: YardDatabase): Promise<Pick<KillReport, 'effects' | 'parked'>> {
  const effects = new Map<string, string[]>()
  const rows = await rowsOf(
    app,
    `select 'job ' || job || case when job = 'keyed' then split_part(what, ' ', 2) else '' end as about,
       what, position from yard.effect
     union all select 'thing ' || thing, number::text, position from hall.heard order by 1, 3`,
  )
  for (const row of rows) {
    const about = String(row['about'])
    const list = effects.get(about) ?? []
    list.push(String(row['what']))
    effects.set(about, list)
  }
  const parked = await rowsOf(
    app,
    `select payload from yard.banyan_message where state >= 5 union all
     select payload from hall.banyan_message where state >= 5`,
  )
  return { effects, parked: parked.map((row) => String(row['payload'])) }
}

/** What is wrong with a report: nothing, one hopes. */
export function wrongsOf({ asked, told, effects, parked }: KillReport): string[] {
  const wrongs = parked.map((payload) => `parked: ${payload}`)
  let jobs = 0
  let things = 0
  for (const [about, list] of effects) {
    if (about.startsWith('thing')) things += list.length
    else jobs += list.length
    if (new Set(list).size !== list.length) wrongs.push(`${about}: an effect happened twice`)
    if (about === 'job plain') continue
    const numbers = list.map((what) => Number(what.split(' ').at(-1)))
    if (numbers.some((number, index) => number <= (numbers[index - 1] ?? -1))) {
      wrongs.push(`${about}: out of order: ${numbers.join(' ')}`)
    }
  }
  if (jobs !== asked) wrongs.push(`${asked} jobs were asked for, ${jobs} had their effect`)
  if (things !== told) wrongs.push(`${told} events were told, ${things} had their effect`)
  return wrongs
}
