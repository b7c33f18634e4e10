import type { MessageEngine } from './message-engine.ts'

/** The resolved topology: plain data, complete, without secrets. The local supervisor, the gateway's
 *  configuration, the tests and every renderer read it; nothing else decides where anything runs.
 *  Its JSON schema is `planSchema()`. */
export interface Plan {
  readonly format: 1
  readonly application: string
  /** Name of the topology: the file's, without folder and extension. */
  readonly topology: string
  /** In the order of their declaration. Every module of the application is in at least one. */
  readonly services: readonly PlannedService[]
  /** Undefined when no module has tables. */
  readonly database: PlannedDatabase | undefined
  readonly calls: PlannedCalls
  /** Undefined: the instances that serve the public HTTP are reached directly. */
  readonly gateway: PlannedGateway | undefined
  /** Absent: PostgreSQL carries events, and jobs go straight into their queues. */
  readonly messages?: PlannedMessages | undefined
  /** Where the public HTTP is reached: by the gateway if there is one, else by the first instance
   *  that serves it (a second one listens on the next port, and so on). */
  readonly listen: { readonly host: string; readonly port: number }
  readonly drain: PlannedDrain
  readonly timeouts: PlannedTimeouts
  /** Whether the topology claims to survive the loss of any one instance; absent: it does not. */
  readonly availability?: boolean
  /** The layer that set each value, by its path: `services.sales.instances` → `file`. */
  readonly origins: Readonly<Record<string, Origin>>
}

/** Later layers win: default, file, environment, flag. What follows from the application or from other
 *  values is a default. */
export type Origin = 'default' | 'file' | 'environment' | 'flag'

/** A group of modules that is deployed and scaled as one unit. */
export interface PlannedService {
  readonly name: string
  /** The modules whose operations its instances run. */
  readonly modules: readonly string[]
  /** What else its instances do. */
  readonly runs: readonly ServiceRole[]
  /** Of a service without modules that runs messages: the modules whose messages its instances carry and
   *  work on, without hosting their operations. Absent: the modules that it hosts. */
  readonly worksFor?: readonly string[] | undefined
  /** How many instances run. */
  readonly instances: number
  /** Calls in flight per instance; more are refused. */
  readonly inFlightMax: number
  /** Database connections per instance and module with tables. */
  readonly pool: { readonly readers: number; readonly transactions: number }
}

/** `http`: serves the public HTTP of all modules, its own or through calls. `schedules`: runs the
 *  schedules of its modules. `messages`: carries the events of its modules, and works on their messages. */
export type ServiceRole = 'http' | 'schedules' | 'messages'

export interface PlannedDatabase {
  readonly engine: 'postgres'
  /** `embedded`: the server in the project's folder. `environment`: the one that the variable
   *  DATABASE_URL names. */
  readonly server: 'embedded' | 'environment'
  /** Connections that the server allows, and how many of them are kept for people and tools. */
  readonly connectionsMax: number
  readonly connectionsReserved: number
}

/** How instances call each other. */
export interface PlannedCalls {
  readonly carrier: 'frames' | 'post'
  readonly transport: 'unix' | 'tcp'
  /** Mutual TLS with certificates of the project's own authority (`banyan certs`); tcp only. */
  readonly mtls: boolean
  /** Connections per pair of instances. */
  readonly connections: number
}

/** What carries messages, where the database itself does not. Its address is BANYAN_MESSAGES_URL. */
export interface PlannedMessages {
  readonly engine: Exclude<MessageEngine, 'postgres'>
  /** Whether it carries jobs too. */
  readonly jobs: boolean
}

export interface PlannedGateway {
  readonly engine: 'haproxy'
  /** Whether a request that met a dying instance is sent to another one, where that is legal. */
  readonly retries: boolean
  /** How often an instance is checked. */
  readonly checkEveryMs: number
  /** Connections from clients at once. */
  readonly connectionsMax: number
}

export interface PlannedDrain {
  /** How long an instance keeps serving after it said that it is going away. */
  readonly noticeMs: number
  /** When what is still in flight is cut off. */
  readonly deadlineMs: number
}

/** The ladder: each rung waits longer than the one below. */
export interface PlannedTimeouts {
  /** Longest time a client is expected to wait. */
  readonly clientMs: number
  /** Longest time the gateway waits for an answer. */
  readonly gatewayMs: number
  /** The longest timeout of any operation. */
  readonly operationMs: number
}
