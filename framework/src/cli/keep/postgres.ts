import { startEmbeddedPostgres } from '../../engines/postgres/embedded/index.ts'
import { cliDatabaseEnded } from '../errors.ts'
import { print } from '../terminal.ts'
import type { Keeper } from './kept.ts'
import { wrongTask } from './wrong-task.ts'

/** Keeps the embedded PostgreSQL of the project's folder. */
export const postgresKeeper: Keeper = {
  kind: 'postgres',
  async start({ orders, clock, lifeline, giveUp }) {
    const { task } = orders
    if (task.kind !== 'postgres') throw wrongTask(task)
    const embedded = await startEmbeddedPostgres({ folder: task.folder, clock, report: print })
    const label = `embedded PostgreSQL ${embedded.version}`
    let isStopping = false
    void embedded.exited.then(({ code, signal }) => {
      const status = signal ?? `exit code ${code}`
      if (!isStopping) giveUp(cliDatabaseEnded({ label, status }))
    })
    lifeline.ready({ databaseUrl: embedded.url, label })
    return {
      async stop({ isHasty }) {
        isStopping = true
        await embedded.stop(isHasty ? { timeoutMs: 0 } : {})
      },
    }
  },
}
