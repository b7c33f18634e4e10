import { messageJson } from '../../messages/message-json.ts'
import { overviewText } from '../../messages/message-text.ts'
import { openOperator } from '../../messages/open-operator.ts'
import { print } from '../../terminal.ts'

export interface OverviewFlags {
  readonly all?: boolean
  readonly json?: boolean
}

/** `banyan messages`: what waits in which queue. */
export async function overview(flags: OverviewFlags, folder: string): Promise<void> {
  await using open = await openOperator(folder)
  const found = await open.operator.overview()
  if (flags.json === true) print(messageJson({ schema: 'banyan.messages/1', ...found }))
  else print(overviewText(found, flags.all === true))
}
