import type { Endpoint, InstanceAddress } from './port.ts'

/** What the file of a directory says. */
export interface DirectoryContent {
  /** Rises with every change. */
  readonly generation: number
  readonly instances: readonly InstanceAddress[]
}

const instancesMax = 4_096

/** Reads a directory; a text is why it is none. Unknown fields are left out: a newer supervisor may
 *  write more. */
export function parseDirectory(text: string): DirectoryContent | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (!isRecord(value)) return 'it is not an object'
  const { format, generation, instances } = value
  if (format !== 1) return `format is ${JSON.stringify(format)}, not 1`
  if (!isCount(generation)) return 'generation is not a whole number'
  if (!Array.isArray(instances)) return 'instances is not a list'
  if (instances.length > instancesMax) return `it lists more than ${instancesMax} instances`
  return parseInstances(generation, instances)
}

function parseInstances(generation: number, values: readonly unknown[]): DirectoryContent | string {
  const instances: InstanceAddress[] = []
  const ids = new Set<string>()
  for (const [index, value] of values.entries()) {
    const address = parseAddress(value)
    if (typeof address === 'string') return `instances[${index}]: ${address}`
    if (ids.has(address.id)) return `instances[${index}]: ${address.id} is listed twice`
    ids.add(address.id)
    instances.push(address)
  }
  return { generation, instances }
}

function parseAddress(value: unknown): InstanceAddress | string {
  if (!isRecord(value)) return 'is not an object'
  const { id, service, modules } = value
  if (!isName(id)) return 'id is not a name'
  if (!isName(service)) return 'service is not a name'
  if (!Array.isArray(modules) || !modules.every(isName)) return 'modules is not a list of names'
  const endpoint = parseEndpoint(value.endpoint)
  if (endpoint === undefined)
    return 'endpoint is neither {kind:"unix",path} nor {kind:"tcp",host,port}'
  return { id, service, modules, endpoint }
}

function parseEndpoint(value: unknown): Endpoint | undefined {
  if (!isRecord(value)) return undefined
  const { kind, path, host, port } = value
  if (kind === 'unix') return isName(path) ? { kind, path } : undefined
  if (kind !== 'tcp' || !isName(host) || !isCount(port)) return undefined
  return port >= 1 && port <= 65_535 ? { kind, host, port } : undefined
}

type Fields = Readonly<
  Record<
    | 'format'
    | 'generation'
    | 'instances'
    | 'id'
    | 'service'
    | 'modules'
    | 'endpoint'
    | 'kind'
    | 'path'
    | 'host'
    | 'port',
    unknown
  >
>

function isRecord(value: unknown): value is Partial<Fields> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 4_096
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
