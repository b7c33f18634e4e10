import path from 'node:path'
import { parseSettings, type Settings } from '../runtime/index.ts'

/** Flags that win over settings of the environment. */
export interface ListenFlags {
  readonly host?: string
  readonly port?: number
}

/** The settings of an application from the environment. Its folder of local state, when relative, is
 *  below the application's own folder, wherever the command is typed.
 *  @throws RUNTIME_SETTING_INVALID · RUNTIME_SETTING_UNKNOWN */
export function settingsOf(folder: string, { host, port }: ListenFlags = {}): Settings {
  const settings = parseSettings(process.env)
  return {
    ...settings,
    folder: path.resolve(folder, settings.folder),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  }
}
