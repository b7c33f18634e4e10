import { assertUnanswered, CompanionProcess } from '../dev/companion-process.ts'
import { cliCompanionFailed } from '../errors.ts'
import type { Keeper } from './kept.ts'
import { wrongTask } from './wrong-task.ts'

/** Keeps a companion of the application. */
export const companionKeeper: Keeper = {
  kind: 'companion',
  async start({ orders, clock, lifeline, giveUp }) {
    const { task } = orders
    if (task.kind !== 'companion') throw wrongTask(task)
    const { companion } = task
    const { name } = companion
    await assertUnanswered(companion)
    const running = new CompanionProcess(companion, { clock, cwd: process.cwd() })
    let isStopping = false
    void running.exited.then((status) => {
      if (!isStopping) giveUp(cliCompanionFailed({ name, cause: status }))
    })
    try {
      await running.waitReady(companion.ready)
    } catch (error) {
      running.kill()
      throw error
    }
    lifeline.ready({ label: name })
    return {
      async stop({ isHasty }) {
        isStopping = true
        if (isHasty) running.kill()
        await running.stop()
      },
    }
  },
}
