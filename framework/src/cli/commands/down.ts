import { clusterNotRunning, Supervisor } from '../../cluster/index.ts'
import { createSystemClock } from '../../kernel/index.ts'
import { watchStopSignals } from '../stop-signal.ts'
import { print } from '../terminal.ts'
import { ask, runFolderOf } from '../up/ask.ts'
import { childEnvironment, programOf } from '../up/child-program.ts'
import { UpOutput } from '../up/up-output.ts'
import { settingsOf } from '../project-settings.ts'
import path from 'node:path'

/** `banyan down`: ends everything of an application's topology in order, and its supervisor; also what a
 *  killed supervisor left. */
export async function down(flags: { readonly json?: boolean }, folder: string): Promise<void> {
  const isJson = flags.json ?? false
  try {
    await ask({
      folder: runFolderOf(folder),
      request: { type: 'request', command: 'down' },
      isJson,
      hasLines: false,
      leaving: 'everything goes on ending',
    })
  } catch (error) {
    if (!clusterNotRunning.is(error)) throw error
    const wasThere = await endSurvivors(path.resolve(folder), isJson)
    if (!wasThere && !isJson) print('  nothing runs')
  }
}

/** Takes the place of the supervisor that was killed, to end what it left. */
async function endSurvivors(folder: string, isJson: boolean): Promise<boolean> {
  const clock = createSystemClock()
  const write = (text: string): void => void process.stdout.write(text)
  const output = new UpOutput({ isJson, hasLines: false, write, took: () => '' })
  const supervisor = await Supervisor.open({
    stateFolder: settingsOf(folder).folder,
    clock,
    env: childEnvironment(),
    programOf: programOf(folder),
    onEvent: (event) => output.tell(event),
  })
  void watchStopSignals(clock).second.then(() => supervisor.hasten())
  const wasThere = await supervisor.takeOver()
  await supervisor.stop()
  return wasThere
}
