import type { z } from 'zod'
import { asDraft07 } from './asyncapi/draft-07.ts'
import { description, headersSchema } from './asyncapi/fixed-parts.ts'
import { tryDescribeKey } from './compatibility/event-key.ts'
import type { Contract } from './contract.ts'
import type { Event } from './event.ts'
import type { JsonSchema } from './json-schema-tree.ts'
import { Components } from './openapi/components.ts'
import { pascal } from './openapi/names.ts'

/** What a document describes. */
export interface AsyncApiOptions {
  /** Name of the application. */
  readonly name: string
  readonly version: string
  readonly contracts: readonly Contract[]
  /** Which module hears which event (`orders.paid`); none are shown unless given. */
  readonly subscriptions?: readonly { readonly module: string; readonly event: string }[]
  /** Jobs, which are nobody's business but their module's; none are shown unless given. */
  readonly jobs?: readonly AsyncApiJob[]
}

/** A job as a document shows it. */
export interface AsyncApiJob {
  readonly module: string
  readonly name: string
  readonly version: number
  readonly input: z.ZodType
}

type Entries = Readonly<Record<string, JsonSchema>>

/** An AsyncAPI 3.0.0 document as plain JSON. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly defaultContentType: 'application/json'
  readonly channels: Entries
  readonly operations: Entries
  readonly components: Readonly<Record<string, Entries>>
}

/** Describes what modules tell each other: a channel per event with its message (payload in wire form,
 *  headers, key, version), a `send` operation of the module that publishes it, and a `receive` operation
 *  of each that subscribed. Equal contracts give equal text.
 *  Cost: some milliseconds per hundred events. Keep the result. */
export function asyncApiDocument(options: AsyncApiOptions): AsyncApiDocument {
  const topics = [...options.contracts.flatMap(eventTopics), ...(options.jobs ?? []).map(jobTopic)]
  topics.sort((a, b) => (a.name < b.name ? -1 : 1))
  const components = new Components(topics.map(rootOf))
  const messages = topics.map((topic) => [topic.name, messageOf(topic, components)] as const)
  const schemas = Object.entries(components.schemas())
  return {
    asyncapi: '3.0.0',
    info: { title: options.name, version: options.version, description },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [topic.name, channelOf(topic)])),
    operations: operationsOf(topics, options.subscriptions ?? []),
    components: {
      messages: Object.fromEntries(messages),
      schemas: Object.fromEntries([
        ...schemas.map(([name, schema]) => [name, asDraft07(schema)] as const),
        ['MessageHeaders', headersSchema],
      ]),
    },
  }
}

/** What a channel carries. */
interface Topic {
  /** `orders.paid`, `notifications.jobs.sendConfirmation` */
  readonly name: string
  readonly module: string
  readonly title: string
  readonly version: number
  readonly payload: z.ZodType
  /** `{orderId}`; undefined where it cannot be read off, or there is none. */
  readonly key: string | undefined
  readonly isJob: boolean
}

function eventTopics(contract: Contract): readonly Topic[] {
  return Object.entries(contract.events).map(([key, event]) => ({
    name: event.name,
    module: contract.name,
    title: pascal(contract.name) + pascal(key),
    version: event.version,
    payload: event.payload,
    key: keyOf(event),
    isJob: false,
  }))
}

/** A text without a field is what one branch of a condition answered, not what the key is. */
function keyOf(event: Event): string | undefined {
  const key = tryDescribeKey((payload) => event.key(payload))
  return key?.includes('{') === true ? key : undefined
}

function jobTopic({ module, name, version, input }: AsyncApiJob): Topic {
  return {
    ...{ name: `${module}.jobs.${name}`, module, version, payload: input },
    title: `${pascal(module)}${pascal(name)}Job`,
    key: undefined,
    isJob: true,
  }
}

function rootOf({ payload, title }: Topic): { schema: z.ZodType; name: string } {
  return { schema: payload, name: title }
}

function messageOf(topic: Topic, components: Components): JsonSchema {
  const { name, title, version, key } = topic
  return {
    name,
    title,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/MessageHeaders' },
    payload: asDraft07(components.schemaOf(rootOf(topic), 'output')),
    correlationId: { location: '$message.header#/traceId' },
    'x-banyan-version': version,
    ...(key === undefined ? {} : { 'x-banyan-key': key }),
  }
}

function channelOf({ name, module, title, isJob }: Topic): JsonSchema {
  return {
    address: name,
    messages: { [title]: { $ref: `#/components/messages/${name}` } },
    tags: [{ name: module }],
    ...(isJob ? { 'x-banyan-internal': true } : {}),
  }
}

/** Jobs are sent and received by their module; events are received by whoever subscribed. */
function operationsOf(
  topics: readonly Topic[],
  subscriptions: NonNullable<AsyncApiOptions['subscriptions']>,
): Entries {
  const operations: Record<string, JsonSchema> = {}
  for (const topic of topics) {
    const { name, module, isJob } = topic
    operations[`${name}.send`] = operationOf(topic, 'send', module)
    const receivers = subscriptions.filter(({ event }) => event === name)
    for (const receiver of receivers) {
      operations[`${receiver.module}.on.${name}`] = operationOf(topic, 'receive', receiver.module)
    }
    if (isJob) operations[`${name}.receive`] = operationOf(topic, 'receive', module)
  }
  return operations
}

function operationOf(topic: Topic, action: 'send' | 'receive', module: string): JsonSchema {
  return {
    action,
    channel: { $ref: `#/channels/${topic.name}` },
    messages: [{ $ref: `#/channels/${topic.name}/messages/${topic.title}` }],
    tags: [{ name: module }],
  }
}
