import { readFile } from 'node:fs/promises'
import { haproxyAccountMissing } from './errors.ts'

/** A user and group by number. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const accountNames = ['haproxy', 'nobody']

/** Whose rights HAProxy's workers have, which read what strangers send. Undefined for an ordinary
 *  user: there they have the user's own. Started by root, the master keeps root for binding and
 *  reloading, as HAProxy's manual advises (§13 of management.txt: giving root up before the start
 *  would also give up the jail), and each worker gives it up before its first connection.
 *  @throws HAPROXY_ACCOUNT_MISSING */
export async function findAccount(
  uid: number | undefined,
  file = '/etc/passwd',
): Promise<Account | undefined> {
  if (uid !== 0) return undefined
  const accounts = parseAccounts(await readFile(file, 'utf8').catch(() => ''))
  for (const name of accountNames) {
    const account = accounts.get(name)
    if (account !== undefined && account.uid !== 0) return account
  }
  throw haproxyAccountMissing({ tried: accountNames.join(', ') })
}

function parseAccounts(text: string): ReadonlyMap<string, Account> {
  const rows = text.split('\n').map((line) => line.split(':'))
  return new Map(
    rows.map(([name = '', , uid, gid]) => [name, { uid: Number(uid ?? 0), gid: Number(gid ?? 0) }]),
  )
}
