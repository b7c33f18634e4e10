import { writeFile } from 'node:fs/promises'
import { openApiDocument } from '../../contract/index.ts'
import { loadProject } from '../load-application.ts'
import { print, printError } from '../terminal.ts'

export interface OpenApiFlags {
  readonly out?: string
  readonly json?: boolean
}

/** `banyan openapi`: the API document of the application. */
export async function openApi({ out }: OpenApiFlags, folder: string): Promise<void> {
  const { application, version } = await loadProject(folder)
  const contracts = application.modules.map(({ contract }) => contract)
  const document = openApiDocument({ name: application.name, version, contracts })
  const text = JSON.stringify(document, undefined, 2)
  if (out === undefined) return print(text)
  await writeFile(out, `${text}\n`)
  printError(`wrote ${out}`)
}
