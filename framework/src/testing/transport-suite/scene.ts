import { type Clock, createSystemClock, sleep } from '../../kernel/index.ts'
import type { Transport, TransportDeclaration } from '../../messages/index.ts'
import type { Scene, TransportSubject } from './subject.ts'

/** Engines are real, and so is the time that they take. */
export const clock: Clock = createSystemClock()

/** Topics that every declaration of the suite names, whoever listens; some are told apart only by an
 *  engine that takes names literally. */
export const topics = [
  'orders.paid',
  'orders.paid.late',
  'orders',
  'stock.low',
  'notifications.jobs.sendConfirmation',
  'unheard.of',
] as const

/** A scene whose transports end with it. */
export class OpenScene implements Scene, AsyncDisposable {
  readonly subject: TransportSubject
  readonly patienceMs: number
  readonly calmMs: number
  readonly #transports: Transport[] = []

  constructor(subject: TransportSubject) {
    this.subject = subject
    this.patienceMs = subject.patienceMs ?? 20_000
    this.calmMs = subject.calmMs ?? 300
  }

  async open(
    consumers: Readonly<Record<string, readonly string[]>>,
    application: string = this.subject.application,
  ): Promise<Transport> {
    const transport = await this.subject.transport()
    this.#transports.push(transport)
    await transport.open(declarationOf(application, consumers))
    return transport
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport[Symbol.asyncDispose]()))
  }
}

/** What an application with these consumers declares. */
export function declarationOf(
  application: string,
  consumers: Readonly<Record<string, readonly string[]>>,
): TransportDeclaration {
  return {
    application,
    topics,
    consumers: Object.entries(consumers).map(([name, wanted]) => ({ name, topics: wanted })),
  }
}

/** The value of `promise`, or an error that says what took too long. */
export async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = clock.after(timeoutMs, () => {
    late.reject(new Error(`${what} took more than ${timeoutMs} ms`))
  })
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    timer.stop()
  }
}

/** Asks until it holds.
 *  @throws Error with what was waited for */
export async function until(
  timeoutMs: number,
  what: () => string,
  holds: () => boolean,
): Promise<void> {
  const endMs = clock.monotonicMs() + timeoutMs
  while (!holds()) {
    if (clock.monotonicMs() > endMs) throw new Error(`after ${timeoutMs} ms: ${what()}`)
    await sleep(clock, 5)
  }
}
