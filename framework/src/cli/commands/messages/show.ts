import { messageJson } from '../../messages/message-json.ts'
import { shownText } from '../../messages/message-text.ts'
import { openOperator } from '../../messages/open-operator.ts'
import { print } from '../../terminal.ts'

export interface OneMessageFlags {
  readonly module?: string
  readonly json?: boolean
}

/** `banyan messages show`: everything about one message. */
export async function show(
  { module, json }: OneMessageFlags,
  id: string,
  folder: string,
): Promise<void> {
  await using open = await openOperator(folder)
  const shown = await open.operator.show(id, module)
  print(
    json === true ? messageJson({ schema: 'banyan.messages.show/1', ...shown }) : shownText(shown),
  )
}
