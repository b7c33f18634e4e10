import { randomUUID } from 'node:crypto'
import type { CarriedMessage } from '../../messages/index.ts'
import { toMessage } from './carried-form.ts'
import type { Client } from './link.ts'
import { releaseScript, renewScript, takeScript } from './scripts.ts'

/** Most of one delivery, unless a single message is larger. */
const bytesMax = 8 * 1024 * 1024

export interface TurnOptions {
  readonly group: string
  readonly leaseKey: string
  readonly leaseMs: number
  readonly streams: readonly string[]
  readonly batchMax: number
}

/** What a take brought. */
export interface Taken {
  readonly batch: readonly CarriedMessage[]
  /** By stream, the last id of the batch: what to acknowledge. */
  readonly lasts: ReadonlyMap<string, string>
  /** By stream, where to wait for more. */
  readonly positions: readonly (readonly [stream: string, id: string])[]
}

/** One process's claim to work for a consumer, and what it does while it has it. */
export class Turn {
  readonly #options: TurnOptions
  readonly #token = randomUUID()
  /** In the order in which they are asked; the first is asked for all it has, so each is first in turn. */
  #streams: readonly string[]

  constructor(options: TurnOptions) {
    this.#options = options
    this.#streams = options.streams
  }

  /** Acknowledges, and takes what follows.
   *  @returns undefined where it is another process's turn; then nothing was acknowledged. */
  async take(
    client: Client,
    acknowledged: ReadonlyMap<string, string>,
  ): Promise<Taken | undefined> {
    const { group, leaseKey, leaseMs, batchMax } = this.#options
    if (acknowledged.size > 0) this.#rotate()
    const reply = await client.eval(takeScript, {
      keys: [leaseKey, ...this.#streams],
      arguments: [
        ...[this.#token, String(leaseMs), group, String(batchMax), String(bytesMax)],
        ...this.#pairs(acknowledged),
      ],
    })
    return reply === null ? undefined : this.#read(reply)
  }

  /** @returns whether it is still this process's turn */
  async renew(client: Client): Promise<boolean> {
    const { leaseKey, leaseMs } = this.#options
    const reply = await client.eval(renewScript, {
      keys: [leaseKey],
      arguments: [this.#token, String(leaseMs)],
    })
    return reply === 1
  }

  /** Acknowledges, and lets another process have its turn. */
  async release(client: Client, acknowledged: ReadonlyMap<string, string>): Promise<void> {
    const { group, leaseKey } = this.#options
    await client.eval(releaseScript, {
      keys: [leaseKey, ...this.#streams],
      arguments: [this.#token, group, ...this.#pairs(acknowledged)],
    })
  }

  /** Waits for something behind these positions. */
  async listen(client: Client, positions: Taken['positions'], timeoutMs: number): Promise<void> {
    const streams = positions.map(([stream]) => stream)
    const ids = positions.map(([, id]) => id)
    const wait = ['XREAD', 'BLOCK', String(timeoutMs), 'COUNT', '1', 'STREAMS']
    await client.sendCommand([...wait, ...streams, ...ids])
  }

  #rotate(): void {
    this.#streams = [...this.#streams.slice(1), ...this.#streams.slice(0, 1)]
  }

  /** The first key is the lease, and Lua counts from 1. */
  #pairs(acknowledged: ReadonlyMap<string, string>): string[] {
    return [...acknowledged].flatMap(([stream, id]) => [
      String(this.#streams.indexOf(stream) + 2),
      id,
    ])
  }

  /** @throws Error when it is not what the script returns */
  #read(reply: unknown): Taken {
    const [entries, reached] = listOf(reply)
    const parsed = listOf(entries).map((entry) => {
      const [number, id, fields] = listOf(entry)
      const stream = this.#streams[Number(number) - 2] ?? ''
      return { stream, id: String(id), message: toMessage(listOf(fields).map(String)) }
    })
    return {
      batch: parsed.map(({ message }) => message),
      lasts: new Map(parsed.map(({ stream, id }) => [stream, id])),
      positions: listOf(reached).map((id, index) => [this.#streams[index] ?? '', String(id)]),
    }
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('the server answered a script with something else')
  return value
}
