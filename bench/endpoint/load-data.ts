/** The files that both load generators read: tokens and bodies, one per line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleOrder } from './order.ts'
import { createTokens } from './tokens.ts'

/** A temporary folder with the data files and room for log files; disposing removes it. */
export class LoadData implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'))
  readonly tokensFile = join(this.folder, 'tokens.txt')
  readonly bodiesFile = join(this.folder, 'bodies.txt')

  constructor() {
    const bodies = Array.from({ length: 97 }, (_, index) => JSON.stringify(sampleOrder(index)))
    writeFileSync(this.tokensFile, `${createTokens().join('\n')}\n`)
    writeFileSync(this.bodiesFile, `${bodies.join('\n')}\n`)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
