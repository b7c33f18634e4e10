import { loadSystem } from '../up/planned-system.ts'
import { print } from '../terminal.ts'

/** `banyan resolve`, for `banyan up`: loads the application in a process of its own, so that the
 *  supervisor, which stays, need not. */
export async function resolve(
  flags: { readonly set?: readonly string[] },
  topologyFile: string,
  folder: string | undefined,
): Promise<void> {
  const source = { topologyFile, folder, environment: process.env, flags: flags.set ?? [] }
  const { system, folder: root, stateFolder } = await loadSystem(source)
  print(JSON.stringify({ system, folder: root, stateFolder }))
}
