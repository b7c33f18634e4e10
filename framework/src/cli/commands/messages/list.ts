import { type MessageOperator, messageStates } from '../../../messages/index.ts'
import { nearestOf } from '../../../runtime/index.ts'
import { cliFlagInvalid } from '../../errors.ts'
import { messageJson } from '../../messages/message-json.ts'
import { listText } from '../../messages/message-text.ts'
import { openOperator } from '../../messages/open-operator.ts'
import type { ListedMessage } from '../../messages/operated.ts'
import { print } from '../../terminal.ts'

export interface ListFlags {
  /** A module, or a queue. */
  readonly of?: string
  readonly state?: string
  readonly after?: string
  readonly count?: number
  readonly all?: boolean
  readonly json?: boolean
}

type Filter = NonNullable<Parameters<MessageOperator['list']>[1]>
type State = ListedMessage['state']

const pageCount = 500

/** `banyan messages list`: single messages, of one place or of every module. */
export async function list(flags: ListFlags, folder: string): Promise<void> {
  const filter = filterOf(flags)
  await using open = await openOperator(folder)
  const { operator } = open
  const places = flags.of === undefined ? operator.modules : [flags.of]
  if (flags.all === true) return printAll(operator, places, { filter, flags })
  const found = await firstPage(operator, places, filter)
  if (flags.json === true) return print(messageJson({ schema: 'banyan.messages.list/1', ...found }))
  print(found.messages.length === 0 ? 'no such message' : listText(found.messages))
  if (found.next !== undefined) print(`more with --of ${found.next.of} --after ${found.next.after}`)
}

interface Page {
  readonly messages: readonly ListedMessage[]
  readonly next: { readonly of: string; readonly after: bigint } | undefined
}

/** Fills one page from the first place that has messages on. */
async function firstPage(
  operator: MessageOperator,
  places: readonly string[],
  filter: Filter,
): Promise<Page> {
  const messages: ListedMessage[] = []
  let countMax = filter.countMax ?? 50
  for (const of of places) {
    const page = await operator.list(of, { ...filter, countMax })
    messages.push(...page.messages)
    countMax -= page.messages.length
    const after = page.next ?? page.messages.at(-1)?.position
    if (page.next !== undefined) return { messages, next: { of, after: page.next } }
    if (countMax === 0 && after !== undefined && of !== places.at(-1)) {
      return { messages, next: { of: places[places.indexOf(of) + 1] ?? of, after: 0n } }
    }
  }
  return { messages, next: undefined }
}

/** Page by page, so that any number fits into memory: one JSON object a line, or a table a page. */
async function printAll(
  operator: MessageOperator,
  places: readonly string[],
  { filter, flags }: { readonly filter: Filter; readonly flags: ListFlags },
): Promise<void> {
  for (const of of places) {
    let after = filter.after ?? 0n
    for (;;) {
      const page = await operator.list(of, { ...filter, after, countMax: pageCount })
      if (flags.json === true) for (const message of page.messages) print(messageJson(message))
      else if (page.messages.length > 0) print(listText(page.messages))
      if (page.next === undefined) break
      after = page.next
    }
  }
}

function filterOf({ of, state, after, count }: ListFlags): Filter {
  if (after !== undefined && (of === undefined || !/^\d{1,18}$/.test(after))) {
    const cause = of === undefined ? 'positions are of one module' : `${after} is no position`
    const wanted = 'Repeat --of and --after as the page before says.'
    throw cliFlagInvalid({ flag: '--after', cause, wanted })
  }
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= pageCount)) {
    const wanted = `Give 1 to ${pageCount}, or --all.`
    throw cliFlagInvalid({ flag: '--count', cause: `it is ${count}`, wanted })
  }
  return {
    ...(state === undefined ? {} : { state: stateOf(state) }),
    ...(after === undefined ? {} : { after: BigInt(after) }),
    ...(count === undefined ? {} : { countMax: count }),
  }
}

function stateOf(text: string): State {
  const state = messageStates.find((one) => one === text)
  if (state !== undefined) return state
  const nearest = nearestOf(text, messageStates)
  const wanted =
    nearest === '' ? `States are ${messageStates.join(', ')}.` : `Did you mean ${nearest}?`
  throw cliFlagInvalid({ flag: '--state', cause: `no state is called ${text}`, wanted })
}
