import { isIP } from 'node:net'
import { haproxyInstanceInvalid } from './errors.ts'

/** What the gateway should send requests to: the whole truth, not a change. */
export interface GatewayState {
  /** At most 1,024. An instance that is not named is taken out: it gets no new request, and what it
   *  has in flight ends. */
  readonly instances: readonly GatewayInstance[]
}

/** An instance that serves the public HTTP. */
export interface GatewayInstance {
  /** Unique; letters, digits, `.`, `_`, `-`; at most 64 characters. */
  readonly id: string
  /** Its public listener: an IP address, no name. */
  readonly address: { readonly host: string; readonly port: number }
  /** `drain`: it gets no new request, and what it has in flight goes on. */
  readonly state: 'ready' | 'drain'
  /** 0..256, relative to the others; 100 unless given. 0 gets nothing. */
  readonly weight?: number
}

const weightStandard = 100
const instancesMax = 1_024

/** An instance with everything decided, as the configuration and the runtime API name it. */
export interface PlannedServer {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly isDraining: boolean
  readonly weight: number
}

/** Checks what comes from outside before it becomes part of a configuration or a command.
 *  @throws HAPROXY_INSTANCE_INVALID */
export function planServers({ instances }: GatewayState): readonly PlannedServer[] {
  const seen = new Set<string>()
  if (instances.length > instancesMax) {
    const cause = `there are more than ${instancesMax} instances`
    throw haproxyInstanceInvalid({ instance: instances[instancesMax]?.id ?? '', cause })
  }
  return instances.map((instance) => {
    const cause = seen.has(instance.id) ? 'is named twice' : findFault(instance)
    if (cause !== undefined) throw haproxyInstanceInvalid({ instance: instance.id, cause })
    seen.add(instance.id)
    return {
      id: instance.id,
      host: instance.address.host,
      port: instance.address.port,
      isDraining: instance.state === 'drain',
      weight: instance.weight ?? weightStandard,
    }
  })
}

function findFault({ id, address, weight, state }: GatewayInstance): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id)) return 'is not a name of 1 to 64 characters'
  if (isIP(address.host) === 0) return `has the host "${address.host}", which is no IP address`
  if (!isWhole(address.port, 1, 65_535)) return `has the port ${address.port}`
  if (weight !== undefined && !isWhole(weight, 0, 256)) return `has the weight ${weight}`
  return state === 'ready' || state === 'drain' ? undefined : `has the state "${String(state)}"`
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

/** An address as HAProxy writes it. */
export function printAddress(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}
