import type { Random } from '../kernel/index.ts'
import { ask, runScript } from './ask.ts'
import type { Connection } from './port.ts'

/** What a database remembers of itself: copied with it, so that databases made from one template
 *  share their roles. */
export interface Installation {
  /** Eight characters in the names of its roles. */
  readonly scope: string
  /** From which the passwords of its roles are derived. Readable by the owner only. */
  readonly secret: string
}

/** The installation, or undefined in a database that Banyan has not seen. */
export async function tryReadInstallation(owner: Connection): Promise<Installation | undefined> {
  const known = await ask(owner, `select to_regclass('banyan.installation') is not null as known`)
  if (known.rows[0]?.['known'] !== true) return undefined
  const { rows } = await ask(owner, 'select scope, secret from banyan.installation')
  return rows[0] as Installation | undefined
}

/** Makes the platform's schema and the database's mark. Requires: the boot lock is held. */
export async function createInstallation(owner: Connection, random: Random): Promise<Installation> {
  await runScript(owner, installationScript)
  const scope = random.bytes(4).toString('hex')
  const secret = random.bytes(32).toString('base64url')
  const { rows } = await ask(
    owner,
    `insert into banyan.installation (scope, secret) values ($1, $2)
     on conflict (singleton) do update set scope = installation.scope
     returning scope, secret`,
    [scope, secret],
  )
  return (rows[0] as Installation | undefined) ?? { scope, secret }
}

const installationScript = `
create schema if not exists banyan;
create schema if not exists banyan_extension;
create table if not exists banyan.installation (
  singleton boolean primary key default true check (singleton),
  scope text not null,
  secret text not null
);
revoke all on schema banyan from public;
revoke all on schema public from public;
`
