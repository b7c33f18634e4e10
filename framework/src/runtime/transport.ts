import type { Clock } from '../kernel/index.ts'
import type { Transport } from '../messages/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { MessageEngine } from '../topology/index.ts'
import { invalidMessagesUrl, type MessagesUrl, parseMessagesUrl } from './messages-url.ts'

export interface TransportParts {
  readonly clock: Clock
  /** The engine that the plan names. */
  readonly planned: MessageEngine | undefined
  readonly telemetry: Telemetry
}

/** What carries messages, as its URL says; its client is loaded only now. Nothing is connected yet.
 *  @throws RUNTIME_SETTING_INVALID */
export async function createTransport(url: string, parts: TransportParts): Promise<Transport> {
  const { clock, planned, telemetry } = parts
  const parsed = parseMessagesUrl(url)
  const { engine } = parsed
  if (planned !== undefined && planned !== engine) {
    throw invalidMessagesUrl(`it leads to ${engine}, and the plan says ${planned}`)
  }
  const report = (problem: string): void => telemetry.logs.log('warn', { engine }, problem)
  switch (engine) {
    case 'rabbitmq': {
      const { createRabbitmqTransport } = await import('../engines/rabbitmq/index.ts')
      return createRabbitmqTransport({ url, clock, report })
    }
    case 'redis': {
      const { createRedisTransport } = await import('../engines/redis/index.ts')
      const acceptOneSecond = isTrue(parsed, 'accept-one-second')
      return createRedisTransport({ url: parsed.address, clock, acceptOneSecond, report })
    }
    case 'nats':
      return createNats(parsed, clock)
    case 'kafka':
      return createKafka(parsed, clock)
  }
}

async function createNats(parsed: MessagesUrl, clock: Clock): Promise<Transport> {
  const { createNatsTransport } = await import('../engines/nats/index.ts')
  const { hosts, account, address, parameters } = parsed
  const scheme = address.slice(0, address.indexOf(':'))
  const replicas = numberOf(parsed, 'replicas')
  return createNatsTransport({
    servers: hosts.map((host) => `${scheme}://${host}`),
    clock,
    acceptSyncInterval: isTrue(parsed, 'accept-sync-interval'),
    monitors: parameters.getAll('monitor'),
    ...(account === undefined ? {} : { account }),
    ...(scheme === 'tls' ? { tls: {} } : {}),
    ...(replicas === undefined ? {} : { replicas }),
  })
}

async function createKafka(parsed: MessagesUrl, clock: Clock): Promise<Transport> {
  const { createKafkaTransport } = await import('../engines/kafka/index.ts')
  const { hosts, account, parameters } = parsed
  const mechanism = parameters.get('mechanism') ?? 'scram-sha-512'
  if (!isMechanism(mechanism)) throw invalidMessagesUrl(`kafka knows no mechanism "${mechanism}"`)
  const retentionMs = numberOf(parsed, 'retention-ms')
  return createKafkaTransport({
    brokers: hosts,
    clock,
    acceptSingleCopy: isTrue(parsed, 'accept-single-copy'),
    acceptUnverified: isTrue(parsed, 'accept-unverified'),
    tls: isTrue(parsed, 'tls'),
    ...(account === undefined ? {} : { account: { ...account, mechanism } }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
  })
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

function isMechanism(text: string): text is (typeof mechanisms)[number] {
  return mechanisms.some((mechanism) => mechanism === text)
}

function isTrue({ parameters }: MessagesUrl, name: string): boolean {
  const text = parameters.get(name) ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw invalidMessagesUrl(`${name} is "${text}", not true or false`)
}

function numberOf({ parameters }: MessagesUrl, name: string): number | undefined {
  const text = parameters.get(name)
  if (text === null) return undefined
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw invalidMessagesUrl(`${name} is "${text}", not a whole number`)
}
