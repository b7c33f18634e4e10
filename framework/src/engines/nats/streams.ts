import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { payloadBytesMax } from '../../messages/index.ts'
import { overheadBytesMax } from './carried-form.ts'
import { incapable } from './failure.ts'
import type { NatsLink } from './link.ts'
import type { Names } from './names.ts'

/** Most messages of a topic that a consumer holds unacknowledged, here and on the server. */
export const pendingMax = 256
const nanosPerMs = 1_000_000

/** @throws MESSAGES_TRANSPORT_INCAPABLE */
export async function assertServer(link: NatsLink): Promise<void> {
  const bytes = link.connection.info?.max_payload ?? 0
  const needed = payloadBytesMax + overheadBytesMax
  if (bytes < needed) {
    throw incapable(
      `messages of 1 MiB pass: max_payload is ${bytes} bytes, ${needed} are needed. Set max_payload: 2MB`,
    )
  }
  await link.manager.getAccountInfo().catch((error: unknown) => {
    if (!isDisabled(error)) throw error
    throw incapable('messages are kept: JetStream is disabled. Start nats-server with -js')
  })
}

/** No JetStream answers, or not for this account. */
function isDisabled(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === 'JetStreamNotEnabled' || error.name === 'NoRespondersError') return true
  return (
    error instanceof JetStreamApiError &&
    error.code === JetStreamApiCodes.JetStreamNotEnabledForAccount
  )
}

/** Creates the stream of messages unless it is there; what is there must keep the promises.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE */
export async function ensureStream(
  manager: JetStreamManager,
  names: Names,
  limits: { readonly bytesMax: number; readonly replicas: number },
): Promise<void> {
  const wanted: Partial<StreamConfig> = {
    subjects: [names.allSubjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Interest,
    discard: DiscardPolicy.New,
    max_bytes: limits.bytesMax,
    max_msgs: -1,
    max_age: 0,
    max_msgs_per_subject: -1,
    duplicate_window: 120_000 * nanosPerMs,
    num_replicas: limits.replicas,
    // seen in 2.9.10: to delete a message that is under way acknowledges those before it
    deny_delete: true,
  }
  assertKeeps(names, await ensure(manager, names.stream, wanted))
}

/** Creates the stream that says who consumes: the last word of each consumer. */
export async function ensureLeases(
  manager: JetStreamManager,
  names: Names,
  replicas: number,
): Promise<void> {
  await ensure(manager, names.leases, {
    subjects: [names.allLeases],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    num_replicas: replicas,
  })
}

async function ensure(
  manager: JetStreamManager,
  name: string,
  wanted: Partial<StreamConfig>,
): Promise<StreamConfig> {
  const found = await tryStream(manager, name)
  if (found !== undefined) return found
  try {
    const { config } = await manager.streams.add({ ...wanted, name })
    return config
  } catch (error) {
    // another process was faster
    const theirs = await tryStream(manager, name)
    if (theirs === undefined) throw error
    return theirs
  }
}

async function tryStream(
  manager: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  try {
    const { config } = await manager.streams.info(name)
    return config
  } catch (error) {
    if (isApiError(error, JetStreamApiCodes.StreamNotFound)) return undefined
    throw error
  }
}

function assertKeeps(names: Names, config: StreamConfig): void {
  const { name } = config
  if (!config.subjects.includes(names.allSubjects)) {
    throw incapable(`${names.allSubjects} is kept: the stream ${name} does not hold it`)
  }
  if (config.storage !== StorageType.File) {
    throw incapable(`messages outlive a restart: the stream ${name} has ${config.storage} storage`)
  }
  if (config.retention !== RetentionPolicy.Interest) {
    throw incapable(
      `messages stay until every consumer has them, and no longer: the stream ${name} has ${config.retention} retention, not interest`,
    )
  }
  if (!config.deny_delete) {
    throw incapable(
      `only what is meant is deleted: in the stream ${name}, deleting one message may lose others. Set deny_delete`,
    )
  }
  if (dropsMessages(config)) {
    throw incapable(
      `nothing is dropped: the stream ${name} drops messages by its age, count or size. Set discard: new, and no max_age or max_msgs_per_subject`,
    )
  }
}

function dropsMessages(config: StreamConfig): boolean {
  const isLimited = config.max_bytes > 0 || config.max_msgs > 0
  if (config.max_age > 0 || config.no_ack === true) return true
  if (config.discard === DiscardPolicy.Old) return isLimited || config.max_msgs_per_subject > 0
  return config.max_msgs_per_subject > 0 && config.discard_new_per_subject !== true
}

/** Creates the durable consumer of one topic for one module. From then on the stream keeps what is
 *  published to the topic until the module has acknowledged it.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE */
export async function ensureDurable(
  manager: JetStreamManager,
  stream: string,
  durable: { readonly name: string; readonly subject: string; readonly leaseMs: number },
): Promise<void> {
  const found = await tryDurable(manager, stream, durable.name)
  const { config } = found ?? (await addDurable(manager, stream, durable))
  const isOurs =
    config.ack_policy === AckPolicy.All &&
    config.filter_subject === durable.subject &&
    config.deliver_subject === undefined &&
    (config.max_deliver ?? -1) === -1 &&
    (config.inactive_threshold ?? 0) === 0
  if (!isOurs) {
    throw incapable(
      `${durable.subject} is delivered until it is acknowledged: the consumer ${durable.name} exists with other settings. Delete it if nothing waits in it`,
    )
  }
}

async function addDurable(
  manager: JetStreamManager,
  stream: string,
  durable: { readonly name: string; readonly subject: string; readonly leaseMs: number },
): Promise<ConsumerInfo> {
  try {
    return await manager.consumers.add(stream, {
      durable_name: durable.name,
      filter_subject: durable.subject,
      // one acknowledgement for a batch; what it covers was delivered, see TopicReader
      ack_policy: AckPolicy.All,
      ack_wait: durable.leaseMs * nanosPerMs,
      deliver_policy: DeliverPolicy.All,
      replay_policy: ReplayPolicy.Instant,
      max_ack_pending: pendingMax,
      max_deliver: -1,
    })
  } catch (error) {
    const theirs = await tryDurable(manager, stream, durable.name)
    if (theirs === undefined) throw error
    return theirs
  }
}

async function tryDurable(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, name)
  } catch (error) {
    if (isApiError(error, JetStreamApiCodes.ConsumerNotFound)) return undefined
    throw error
  }
}

export function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code
}
