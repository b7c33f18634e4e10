import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Random } from '../kernel/index.ts'

/** The secret of a project's development tokens: made once, kept in the project folder with mode
 *  0600, so that tokens survive a restart. When two processes start at once, both read one secret:
 *  a secret is linked into place whole, and only where none stands. */
export async function developmentSecret(folder: string, random: Random): Promise<string> {
  const file = path.join(folder, 'token-secret')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${random.bytes(6).toString('hex')}`
  await writeFile(draft, random.bytes(48).toString('base64url'), { mode: 0o600 })
  try {
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
  return (await readFile(file, 'utf8')).trim()
}
