import type { MessageEngine } from './message-engine.ts'
import type { ServiceRole } from './plan.ts'

/** What a topology file says. Everything but `services` has a default; what is not listed here is
 *  refused. `docs/reference/topology.md` has the ranges, the defaults and the variables. */
export interface TopologyDeclaration {
  /** By name: kebab-case, at most 32 characters. */
  readonly services: Readonly<Record<string, ServiceDeclaration>>
  readonly database?: DatabaseDeclaration
  readonly calls?: CallsDeclaration
  /** `'none'` unless given. */
  readonly gateway?: GatewayDeclaration | 'none'
  readonly messages?: MessagesDeclaration
  readonly listen?: ListenDeclaration
  readonly drain?: DrainDeclaration
  readonly timeouts?: TimeoutsDeclaration
  /** Claims that the application survives the loss of any one instance: every service has two or more,
   *  and a gateway leads around those that are gone. Checked, so that the claim stays true. */
  readonly availability?: boolean
}

/** A group of modules that is deployed and scaled as one unit. */
export interface ServiceDeclaration {
  /** Modules whose operations its instances run; `'*'`: all of the application. All if it is the only
   *  service, else none. A module may stand in several services. */
  readonly modules?: readonly string[] | '*'
  /** `http`: its instances serve the public HTTP of all modules, of others through calls. `schedules`:
   *  they run the schedules of its modules. `messages`: they carry the events of its modules, and work
   *  on their jobs and on what they subscribed to; without modules, on those of all modules. All if it is the only service; else the last two, if it
   *  has modules. */
  readonly runs?: readonly ServiceRole[]
  /** 1 to 256; 1 unless given. */
  readonly instances?: number
  /** Calls in flight per instance, 1 to 100,000; more are refused. 4,096 unless given. */
  readonly inFlightMax?: number
  /** Database connections per instance and module with tables: 1 to 64 that readers share (2 unless
   *  given), and 1 to 256 for transactions (8 unless given). */
  readonly pool?: { readonly readers?: number; readonly transactions?: number }
}

/** The one database of the application. */
export interface DatabaseDeclaration {
  /** `embedded`: a PostgreSQL in the application's folder. `environment`: the one of DATABASE_URL,
   *  which also is what that variable means when it is set. */
  readonly server?: 'embedded' | 'environment'
  /** What the server allows (`max_connections`). The embedded one allows 200, others 100 unless given. */
  readonly connectionsMax?: number
  /** How many of them are kept for people, tools and instances that start; 10 unless given. */
  readonly connectionsReserved?: number
}

/** How instances call each other. */
export interface CallsDeclaration {
  /** `frames`: multiplexed over few connections; `post`: one HTTP request per call, for meshes that
   *  need to see each. `frames` unless given. */
  readonly carrier?: 'frames' | 'post'
  /** `unix` unless given: sockets in a private folder. */
  readonly transport?: 'unix' | 'tcp'
  /** Mutual TLS, over tcp only; false unless given. */
  readonly mtls?: boolean
  /** Connections per pair of instances, 1 to 64: 1 for frames, 32 for post unless given. */
  readonly connections?: number
}

/** What stands between clients and the instances that serve the public HTTP. */
export interface GatewayDeclaration {
  readonly engine: 'haproxy'
  /** Whether a request that met a dying instance is sent to another, where that is legal; true
   *  unless given. */
  readonly retries?: boolean
  /** How often an instance is checked, 100 ms to 1 min; 500 ms unless given. */
  readonly checkEvery?: string | number
  /** Connections from clients at once, 1 to 1,000,000; 4,096 unless given. */
  readonly connectionsMax?: number
}

/** What carries events, and jobs if they are to go far, from outboxes to inboxes. What happens to them there
 *  is the same whatever carries them. */
export interface MessagesDeclaration {
  /** `postgres` unless given. The address of another one is BANYAN_MESSAGES_URL. */
  readonly engine?: MessageEngine
  /** Whether it carries jobs too; false unless given: they go straight into the queues of their module. */
  readonly jobs?: boolean
}

/** Where the public HTTP is reached. Without a gateway, further instances that serve it take the
 *  ports that follow. */
export interface ListenDeclaration {
  /** 127.0.0.1 unless given. */
  readonly host?: string
  /** 4000 unless given; 0 picks one, without a gateway only. */
  readonly port?: number
}

/** How an instance stops. */
export interface DrainDeclaration {
  /** How long it keeps serving after it said that it goes; 1 s unless given. */
  readonly notice?: string | number
  /** When what is still in flight is cut off, from the same moment; 25 s unless given. */
  readonly deadline?: string | number
}

/** How long is waited outside of operations, each longer than the one within. */
export interface TimeoutsDeclaration {
  /** The longest that a client is expected to wait: 5 s more than the gateway unless given. */
  readonly client?: string | number
  /** The longest that the gateway waits for an instance: 2 s more than the longest operation unless
   *  given. With a gateway only. */
  readonly gateway?: string | number
}

/** Declares a topology; the default export of a topology file. Pure: it is checked, all of it at once,
 *  where it is planned. Durations are texts such as `'250ms'`, or numbers of milliseconds. */
export function topology(declaration: TopologyDeclaration): TopologyDeclaration {
  return declaration
}
