import { type MessageEngine, messageEngineOf, nearestOf } from '../topology/index.ts'
import { runtimeSettingInvalid } from './errors.ts'

/** `amqp://user:secret@host`, taken apart. */
export interface MessagesUrl {
  readonly engine: Exclude<MessageEngine, 'postgres'>
  /** Without parameters of ours. */
  readonly address: string
  /** `host:port`, of engines with several servers. */
  readonly hosts: readonly string[]
  readonly account: { readonly user: string; readonly password: string } | undefined
  readonly parameters: URLSearchParams
}

/** The parameters that engines know; RabbitMQ's are its client's. */
const known: Readonly<Record<Exclude<MessageEngine, 'postgres' | 'rabbitmq'>, readonly string[]>> =
  {
    redis: ['accept-one-second'],
    nats: ['accept-sync-interval', 'monitor', 'replicas'],
    kafka: ['accept-single-copy', 'accept-unverified', 'retention-ms', 'tls', 'mechanism'],
  }

/** @throws RUNTIME_SETTING_INVALID */
export function parseMessagesUrl(url: string): MessagesUrl {
  const engine = messageEngineOf(url)
  if (engine === undefined || engine === 'postgres') {
    throw invalidMessagesUrl('its scheme names no engine')
  }
  const [address = '', search = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(search)
  if (engine !== 'rabbitmq') assertKnown(engine, parameters)
  const authority = address.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '')
  const at = authority.lastIndexOf('@')
  const hosts = authority.slice(at + 1).split(',')
  const [user = '', password = ''] = authority.slice(0, Math.max(0, at)).split(':', 2)
  const account =
    at < 0 ? undefined : { user: decodeURIComponent(user), password: decodeURIComponent(password) }
  return { engine, address, hosts, account, parameters }
}

export function invalidMessagesUrl(cause: string): Error {
  return runtimeSettingInvalid({ name: 'BANYAN_MESSAGES_URL', cause })
}

function assertKnown(engine: keyof typeof known, parameters: URLSearchParams): void {
  for (const name of parameters.keys()) {
    if (known[engine].includes(name)) continue
    const nearest = nearestOf(name, known[engine])
    const hint = nearest === '' ? '' : `; did you mean "${nearest}"?`
    throw invalidMessagesUrl(`${engine} knows no parameter "${name}"${hint}`)
  }
}
