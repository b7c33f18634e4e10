import type { CarriedMessage } from './message.ts'

/** Carries messages from the outboxes of modules to the inboxes of modules. That is all it does: when a
 *  message is worked on, again, later, in which order and how often is decided by the inbox, in
 *  PostgreSQL, and so is the same over every transport.
 *
 *  Promises, held by `transportSuite` (room testing) for every engine:
 *  - what `publish` has accepted is delivered at least once to every consumer of its topic that was
 *    declared before, also when the transport, the publisher or the consumer dies in between;
 *  - messages of one topic with one key are delivered to one consumer in the order of their
 *    publication (a repetition may come late, after others);
 *  - it may lose nothing that it has accepted, and says so at `open` when it cannot promise that. */
export interface Transport extends AsyncDisposable {
  /** `postgres`, `rabbitmq`, `nats`, `redis`, `kafka` */
  readonly engine: string
  /** Declares topics and consumers; what exists already stays. Idempotent; any number of processes at once.
   *  @throws MESSAGES_TRANSPORT_INCAPABLE (the engine, as it is set up, cannot keep a promise) ·
   *    MESSAGES_TRANSPORT_UNAVAILABLE */
  open(declaration: TransportDeclaration): Promise<void>
  /** Resolves when the engine has all of them safely. In a batch, order is kept per topic and key. On
   *  an error any part of the batch may have been accepted: publish all of it again.
   *  @param batch  1 to 1,000 messages
   *  @throws MESSAGES_TRANSPORT_UNAVAILABLE, within 10 s */
  publish(batch: readonly CarriedMessage[]): Promise<void>
  /** Starts to deliver what a consumer subscribed to; reconnects by itself. One batch at a time: the
   *  next is given when `deliver` has resolved (it is then acknowledged). When it rejects, the same
   *  messages are given again after a pause. Several processes may consume for one consumer; order is
   *  kept all the same. */
  consume(consumer: string, deliver: Deliver): Promise<Consumption>
}

/** Takes a batch into an inbox; resolves when it is committed there. */
export type Deliver = (batch: readonly CarriedMessage[]) => Promise<void>

export interface TransportDeclaration {
  /** Name of the application; keeps several apart on one engine. */
  readonly application: string
  /** All that is published. */
  readonly topics: readonly string[]
  readonly consumers: readonly ConsumerDeclaration[]
}

/** An inbox and what it wants to hear. */
export interface ConsumerDeclaration {
  /** Name of the module. */
  readonly name: string
  readonly topics: readonly string[]
}

/** A running consumption. */
export interface Consumption {
  /** Takes no more; resolves when the batch under way has been delivered and acknowledged, at most after
   *  10 s. Idempotent. */
  stop(): Promise<void>
}
