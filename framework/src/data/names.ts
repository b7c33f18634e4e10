import { createHash } from 'node:crypto'

/** PostgreSQL cuts longer names silently. */
const nameBytesMax = 63

/** The three database roles of a module. */
export interface ModuleRoles {
  /** Owns the tables and runs the migrations. */
  readonly owner: string
  /** Runs transactions: rows, not tables. */
  readonly writer: string
  /** Serves `ctx.db`: SELECT only. */
  readonly reader: string
}

/** The schema of a module: its name in snake_case. */
export function schemaOf(module: string): string {
  return shorten(module.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

/** The roles of a module. Roles belong to the whole cluster, so their names carry `scope`, the mark
 *  of this database (and of the databases copied from it). */
export function rolesOf(module: string, scope: string): ModuleRoles {
  const prefix = `banyan_${scope}_${schemaOf(module)}`
  return {
    owner: shorten(`${prefix}_owner`),
    writer: shorten(`${prefix}_writer`),
    reader: shorten(`${prefix}_reader`),
  }
}

/** Keeps a name within PostgreSQL's limit: what is cut off is replaced by a hash of the whole. */
function shorten(name: string): string {
  if (name.length <= nameBytesMax) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12)
  return `${name.slice(0, nameBytesMax - hash.length - 1)}_${hash}`
}
