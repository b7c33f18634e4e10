import type { Clock } from '../kernel/index.ts'
import type { Transport } from '../messages/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { type MessageEngine, messageEngineOf } from '../topology/index.ts'
import { runtimeSettingInvalid } from './errors.ts'

const variable = 'BANYAN_MESSAGES_URL'

export interface TransportParts {
  readonly clock: Clock
  /** The engine that the plan names. */
  readonly planned: MessageEngine | undefined
  readonly telemetry: Telemetry
}

/** What carries messages, as its URL says; its client is loaded only now. Nothing is connected yet.
 *  Parameters of the URL belong to Banyan: `?accept-one-second=true` (redis), `?accept-sync-interval=true`
 *  (nats) and `?monitor=http://host:8222` (nats, repeated) are said to the engine of that name.
 *  @throws RUNTIME_SETTING_INVALID */
export async function createTransport(
  url: string,
  { clock, planned, telemetry }: TransportParts,
): Promise<Transport> {
  const engine = messageEngineOf(url)
  if (engine === undefined) throw invalid('its scheme names no engine')
  if (planned !== undefined && planned !== engine) {
    throw invalid(`it leads to ${engine}, and the plan says ${planned}`)
  }
  const [address = '', search = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(search)
  const report = (problem: string): void => telemetry.logs.log('warn', { engine }, problem)
  switch (engine) {
    case 'rabbitmq': {
      const { createRabbitmqTransport } = await import('../engines/rabbitmq/index.ts')
      return createRabbitmqTransport({ url, clock, report })
    }
    case 'redis': {
      const { createRedisTransport } = await import('../engines/redis/index.ts')
      const acceptOneSecond = parameters.get('accept-one-second') === 'true'
      return createRedisTransport({ url: address, clock, acceptOneSecond, report })
    }
    case 'nats': {
      const { createNatsTransport } = await import('../engines/nats/index.ts')
      const acceptSyncInterval = parameters.get('accept-sync-interval') === 'true'
      const monitors = parameters.getAll('monitor')
      return createNatsTransport({
        servers: address.split(','),
        clock,
        acceptSyncInterval,
        monitors,
      })
    }
    case 'kafka': {
      const { createKafkaTransport } = await import('../engines/kafka/index.ts')
      return createKafkaTransport({ brokers: address.replace('kafka://', '').split(','), clock })
    }
    case 'postgres':
      throw invalid('PostgreSQL carries messages without it')
  }
}

function invalid(cause: string): Error {
  return runtimeSettingInvalid({ name: variable, cause })
}
