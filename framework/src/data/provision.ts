import { ask, identifier as id, inTransaction, literal, runScript } from './ask.ts'
import type { Installation } from './installation.ts'
import { type ModuleRoles, rolesOf, schemaOf } from './names.ts'
import type { Connection } from './port.ts'
import { passwordOf, roleMark, scramVerifier } from './role-password.ts'
import { extensionSchema, type RoleKind, roleSettings } from './role-settings.ts'

/** One role as it should be. */
interface WantedRole {
  readonly name: string
  readonly kind: RoleKind
  readonly password: string
  readonly settings: string
  readonly mark: string
}

/** One module as it should be. */
export interface WantedModule {
  readonly module: string
  readonly schema: string
  readonly roles: ModuleRoles
  readonly wanted: readonly WantedRole[]
}

export function wantedModule(module: string, { scope, secret }: Installation): WantedModule {
  const schema = schemaOf(module)
  const roles = rolesOf(module, scope)
  const wanted = (['owner', 'writer', 'reader'] as const).map((kind) => {
    const name = roles[kind]
    const password = passwordOf(name, secret)
    const settings = roleSettings(name, kind, schema)
    return { name, kind, password, settings, mark: roleMark(password, settings) }
  })
  return { module, schema, roles, wanted }
}

/** What is missing: roles that do not exist or carry other settings, schemas, and whether strangers
 *  may still connect to this database. Cost: 1 round trip. */
export interface Lack {
  readonly roles: ReadonlySet<string>
  readonly schemas: ReadonlySet<string>
  readonly grants: ReadonlySet<string>
  readonly isOpenToAll: boolean
}

export async function findLack(owner: Connection, modules: readonly WantedModule[]): Promise<Lack> {
  const wanted = modules.flatMap((module) => module.wanted)
  const schemas = modules.map((module) => module.schema)
  const { rows } = await ask(owner, lackText, [
    wanted.map((role) => role.name),
    wanted.map((role) => role.mark),
    schemas,
  ])
  const lack = rows[0] as { roles: string[]; schemas: string[]; grants: string[]; open: boolean }
  return {
    roles: new Set(lack.roles),
    schemas: new Set(lack.schemas),
    grants: new Set(lack.grants),
    isOpenToAll: lack.open,
  }
}

const lackText = `
select
  array(select name from unnest($1::text[], $2::text[]) as wanted (name, mark)
    where not exists (select from pg_roles r where r.rolname = wanted.name
      and shobj_description(r.oid, 'pg_authid') = wanted.mark)) as roles,
  array(select name from unnest($3::text[]) as wanted (name)
    where to_regnamespace(quote_ident(name)) is null) as schemas,
  array(select name from unnest($1::text[]) as wanted (name)
    where not exists (select from pg_roles r, pg_database d,
      aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as acl
      where r.rolname = wanted.name and d.datname = current_database()
        and acl.grantee = r.oid and acl.privilege_type = 'CONNECT')) as grants,
  exists (select from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as acl
    where d.datname = current_database() and acl.grantee = 0) as open`

export function isComplete(lack: Lack): boolean {
  return !lack.isOpenToAll && lack.roles.size + lack.schemas.size + lack.grants.size === 0
}

/** Makes what is missing, in one transaction. Requires: the boot lock is held. Rejects with a
 *  `Problem`. */
export async function provision(
  owner: Connection,
  modules: readonly WantedModule[],
  lack: Lack,
): Promise<void> {
  const roles = modules.flatMap((module) => module.wanted)
  const script = [
    ...roles.filter((role) => lack.roles.has(role.name)).map(roleScript),
    databaseScript(roles.filter((role) => lack.grants.has(role.name))),
    ...modules.filter((module) => needsSchema(module, lack)).map(schemaScript),
  ]
  await inTransaction(owner, () => runScript(owner, script.join('\n')))
}

function needsSchema({ schema, wanted }: WantedModule, lack: Lack): boolean {
  return lack.schemas.has(schema) || wanted.some((role) => lack.roles.has(role.name))
}

function roleScript(role: WantedRole): string {
  const verifier = scramVerifier(role.name, role.password)
  return `
do $do$ begin
  if not exists (select from pg_roles where rolname = ${literal(role.name)}) then
    create role ${id(role.name)};
  end if;
end $do$;
alter role ${id(role.name)} login noinherit password ${literal(verifier)};
${role.settings}
comment on role ${id(role.name)} is ${literal(role.mark)};`
}

/** Privileges of a database are not copied with it, unlike everything inside. */
function databaseScript(roles: readonly WantedRole[]): string {
  const names = roles.map((role) => id(role.name)).join(', ')
  const grant =
    names === '' ? '' : `execute format('grant connect on database %I to ${names}', db);`
  return `
do $do$ declare db text := current_database(); begin
  execute format('revoke all on database %I from public', db);
  ${grant}
end $do$;`
}

function schemaScript({ schema, roles }: WantedModule): string {
  const all = [roles.owner, roles.writer, roles.reader].map(id).join(', ')
  return `
create schema if not exists ${id(schema)};
revoke all on schema ${id(schema)} from public;
grant usage on schema ${id(schema)}, ${extensionSchema} to ${all};
grant create on schema ${id(schema)} to ${id(roles.owner)};`
}

/** What the owner of a module's tables says once: who may do what with the tables to come. Tables
 *  are the writer's to fill and the reader's to read; functions are nobody else's. */
export function ownerScript({ schema, roles }: WantedModule, databaseOwner: string): string {
  const target = `in schema ${id(schema)}`
  const users = `${id(roles.writer)}, ${id(roles.reader)}`
  return `
alter default privileges ${target} grant select, insert, update, delete on tables to ${id(roles.writer)};
alter default privileges ${target} grant select on tables to ${id(roles.reader)};
alter default privileges ${target} grant usage, select on sequences to ${id(roles.writer)};
alter default privileges ${target} grant select on sequences to ${id(roles.reader)};
alter default privileges revoke execute on functions from public;
alter default privileges ${target} grant execute on functions to ${users};
create table if not exists banyan_migration (
  stream text not null,
  number integer not null,
  file text not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  primary key (stream, number)
);
revoke all on banyan_migration from ${users};
grant select on banyan_migration to ${id(databaseOwner)};`
}
