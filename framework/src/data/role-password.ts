import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

/** The password of a role, the same in every instance: derived from the secret of the database. */
export function passwordOf(role: string, secret: string): string {
  return createHmac('sha256', secret).update(`banyan role ${role}`).digest('base64url')
}

/** The password as PostgreSQL stores it (RFC 5803), so that it appears in no statement and no log.
 *  The salt is derived too: the same password gives the same text. The password has 256 bits, so
 *  few iterations lose nothing and keep connecting cheap. */
export function scramVerifier(role: string, password: string): string {
  const iterations = 4_096
  const salt = createHash('sha256').update(`salt ${role} ${password}`).digest().subarray(0, 16)
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** What a role is marked with when it carries this password and these settings. Says nothing about
 *  the password, which cannot be guessed. */
export function roleMark(password: string, settings: string): string {
  const hash = createHash('sha256').update(`${password}\n${settings}`).digest('hex').slice(0, 32)
  return `banyan ${hash}`
}
