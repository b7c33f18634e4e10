import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Mail } from './index.ts'

/** A correct mail, with what a test wants otherwise. */
export function mailOf(parts: Partial<Mail> = {}): Mail {
  return {
    messageId: 'confirmation.1@shop.example',
    from: { name: 'Bücher & Co', address: 'orders@shop.example' },
    to: [{ name: 'Zoë', address: 'zoe@example.org' }],
    subject: 'Ihre Bestellung – 12,00 €',
    text: 'Danke.\n',
    date: new Date(1_700_000_000_000),
    ...parts,
  }
}

export const invoiceFile = {
  fileName: 'invoice.pdf',
  contentType: 'application/pdf',
  content: new Uint8Array([37, 80, 68, 70]),
}

/** A folder that goes away with the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-mail-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
