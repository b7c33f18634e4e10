import type { Transport } from '../../messages/index.ts'

/** A transport on a real engine, as one check of the suite uses it. */
export interface TransportSubject {
  /** Name of an application that nothing else on the engine uses. */
  readonly application: string
  /** A transport as a process of its own would have one, not yet open. The suite disposes it. */
  transport(): Promise<Transport>
  /** Ends the engine without a warning (SIGKILL); checks of outages run only where this is given. */
  kill?(): Promise<void>
  /** Starts it again at the same address, on the data it had. */
  restart?(): Promise<void>
  /** How long the suite waits for what must come: 20 s unless given. */
  readonly patienceMs?: number
  /** How long it watches that nothing comes: 300 ms unless given. */
  readonly calmMs?: number
  /** How soon an engine that is down must be reported: 10 s, and some for a busy machine. */
  readonly refusalMs?: number
}

/** One promise of the port, as something that can be run against any engine.
 *  Invariant: it rejects when the promise is broken; what it waits for has a deadline. */
export interface TransportCheck {
  /** Follows the engine's name in the test's title. */
  readonly title: string
  /** It ends the engine and starts it again. */
  readonly needsKill?: boolean
  run(scene: Scene): Promise<void>
}

/** What a check works with. */
export interface Scene {
  readonly subject: TransportSubject
  /** Milliseconds of patience, and of watching that nothing comes. */
  readonly patienceMs: number
  readonly calmMs: number
  /** A transport that has opened this: its consumers, by the topics they want. */
  open(
    consumers: Readonly<Record<string, readonly string[]>>,
    application?: string,
  ): Promise<Transport>
}
