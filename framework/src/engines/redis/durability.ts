import { incapable, reasonOf } from './failure.ts'
import type { Client } from './link.ts'

/** Holds that the server keeps what it accepts.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE with what to change */
export async function assertDurable(
  client: Client,
  { acceptOneSecond = false }: { readonly acceptOneSecond?: boolean },
): Promise<void> {
  const settings = await readSettings(client)
  const is = (name: string, value: string): boolean => settings[name] === value
  if (!is('appendonly', 'yes')) {
    throw incapable('it keeps what it accepted: it may lose all of it (set `appendonly yes`)')
  }
  if (!is('appendfsync', 'always') && !is('appendfsync', 'everysec')) {
    throw incapable(
      'what it accepted is on disk: it leaves that to the system (set `appendfsync always`)',
    )
  }
  if (is('appendfsync', 'everysec') && !acceptOneSecond) {
    throw incapable(
      'what it accepted is on disk: it may lose a second at a power cut (set `appendfsync always`, or say `acceptOneSecond: true`)',
    )
  }
  if (!is('no-appendfsync-on-rewrite', 'no')) {
    throw incapable(
      'what it accepts while it rewrites its log is on disk (set `no-appendfsync-on-rewrite no`)',
    )
  }
  // policies for keys that expire touch only leases, and those may go at any time
  if (settings['maxmemory-policy']?.startsWith('allkeys-') !== false) {
    throw incapable('it keeps what it accepted: it evicts (set `maxmemory-policy noeviction`)')
  }
}

async function readSettings(client: Client): Promise<Readonly<Record<string, string>>> {
  try {
    return await client.configGet([
      'appendonly',
      'appendfsync',
      'no-appendfsync-on-rewrite',
      'maxmemory-policy',
    ])
  } catch (error) {
    // a server that is going away has not refused
    if (!client.isReady) throw error
    throw incapable(
      `it keeps what it accepted: its settings cannot be read (${reasonOf(error)}; allow \`CONFIG GET\`)`,
    )
  }
}
