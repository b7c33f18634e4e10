import type { MessageOperator } from '../../../messages/index.ts'
import { messageJson } from '../../messages/message-json.ts'
import { openOperator } from '../../messages/open-operator.ts'
import type { MessageChange } from '../../messages/operated.ts'
import { print } from '../../terminal.ts'
import type { OneMessageFlags } from './show.ts'

/** `banyan messages park`: puts one message aside. */
export function park(flags: OneMessageFlags, id: string, folder: string): Promise<void> {
  return change(flags, folder, (operator) => operator.park(id, flags.module))
}

/** `banyan messages cancel`: ends one message for good. */
export function cancel(flags: OneMessageFlags, id: string, folder: string): Promise<void> {
  return change(flags, folder, (operator) => operator.cancel(id, flags.module))
}

/** Changes one message, and says what became of it. */
export async function change(
  { json }: OneMessageFlags,
  folder: string,
  run: (operator: MessageOperator) => Promise<MessageChange>,
): Promise<void> {
  await using open = await openOperator(folder)
  const changed = await run(open.operator)
  if (json === true) return print(messageJson({ schema: 'banyan.messages.change/1', ...changed }))
  print(changeText(changed))
}

function changeText({ id, queue, before, after, isCancelling }: MessageChange): string {
  const place = `${id} of ${queue}`
  if (!isCancelling) return `${place}: ${before} → ${after}`
  return after === 'leased'
    ? `${place}: its worker is told to stop`
    : `${place}: its steps are undone, then it ends`
}
