import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../kernel/index.ts'
import { findBinaries, packageName, prepareBinaries } from './binaries.ts'
import { chooseLauncher, listLaunchers } from './launcher.ts'
import { openLayout } from './layout.ts'

/** What would start, and how. */
export interface EmbeddedPostgresProbe {
  /** The npm package that carries the server for this machine. */
  readonly packageName: string
  /** Of the server, for example "18.4". */
  readonly version: string
  /** How it is run, for people; as root it is run as somebody else. */
  readonly launcher: string
}

/** Finds out whether and how an embedded PostgreSQL can run on this machine, in a temporary folder
 *  that is removed again. No server is started.
 *  @throws POSTGRES_EMBEDDED_PACKAGE_MISSING, POSTGRES_EMBEDDED_LAUNCH_REFUSED
 *  Cost: about 50 ms. */
export async function probeEmbeddedPostgres(clock: Clock): Promise<EmbeddedPostgresProbe> {
  const installed = await findBinaries()
  const folder = await mkdtemp(join(tmpdir(), 'banyan-probe-'))
  try {
    const layout = await openLayout(join(folder, 'postgres'))
    const binaries = await prepareBinaries(installed, layout.folder)
    const launchers = await listLaunchers(layout)
    const { launcher, version } = await chooseLauncher(launchers, { layout, binaries, clock })
    return { packageName: packageName(), version, launcher: launcher.name }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
