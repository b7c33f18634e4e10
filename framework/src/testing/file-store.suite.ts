import { test } from 'node:test'
import { boundCases } from './file-store-suite/bound-cases.ts'
import type { FileStoreCase, FileStoreGiven } from './file-store-suite/case.ts'
import { contentCases } from './file-store-suite/content-cases.ts'
import { keyCases } from './file-store-suite/key-cases.ts'
import { listCases } from './file-store-suite/list-cases.ts'
import { replaceCases } from './file-store-suite/replace-cases.ts'

export type { FileStoreCase, FileStoreGiven } from './file-store-suite/case.ts'

/** The promises of the port, as cases. */
export const fileStoreCases: readonly FileStoreCase[] = [
  ...contentCases,
  ...keyCases,
  ...boundCases,
  ...replaceCases,
  ...listCases,
]

/** Registers a test for every promise that a store of files makes (files/port.ts).
 *  @param name  Of the store; begins each title.
 *  @param make  Called once for each case; the store may be the same one. */
export function fileStoreSuite(name: string, make: () => Omit<FileStoreGiven, 'folder'>): void {
  for (const [index, { title, run }] of fileStoreCases.entries()) {
    const options = { timeout: 30_000 }
    test(`${name}: ${title}`, options, () => run({ ...make(), folder: `case-${index}` }))
  }
}
