import type { Access } from '../contract/index.ts'
import type { Principal } from '../kernel/index.ts'
import { callForbidden, callUnauthenticated } from './errors.ts'

/** Compiles an access rule into a check of a caller from outside.
 *  @returns a function that throws CALL_UNAUTHENTICATED · CALL_FORBIDDEN */
export function compileAccess(operation: string, access: Access): (principal: Principal) => void {
  if (access === 'public') return () => {}
  if (access === 'internal') {
    return () => {
      throw callForbidden({ operation, allowed: 'other modules only' })
    }
  }
  if (access === 'signed-in') {
    return ({ subject }) => {
      if (subject === '') throw callUnauthenticated({ operation })
    }
  }
  const roles = typeof access === 'string' ? [access] : access
  return (principal) => {
    for (const role of roles) if (principal.roles.includes(role)) return
    if (principal.subject === '') throw callUnauthenticated({ operation })
    throw callForbidden({ operation, allowed: roles.join(', ') })
  }
}
