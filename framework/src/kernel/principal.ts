/** Who is calling, as proved by the edge: a subject and its roles. */
export interface Principal {
  /** Stable id of the caller; empty for an anonymous one. */
  readonly subject: string
  readonly roles: readonly string[]
}

/** A caller who proved nothing. */
export const anonymous: Principal = Object.freeze({ subject: '', roles: Object.freeze([]) })

/** The platform itself: schedules and seeds run as this principal. Its calls meet no
 *  access rule: those are for callers from outside. */
export const system: Principal = Object.freeze({
  subject: 'system',
  roles: Object.freeze(['system']),
})
