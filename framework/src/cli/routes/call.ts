import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { parseDurationMs } from '../../kernel/index.ts'
import type { CallFlags } from '../commands/call.ts'
import { folderLast, json, text } from './parameters.ts'

export const callRoute: Command<CommandContext> = buildCommand<
  CallFlags,
  [string, string | undefined, string]
>({
  loader: async () => {
    const { call } = await import('../commands/call.ts')
    return (flags, operation, input, folder) => call(flags, { operation, input, folder })
  },
  parameters: {
    flags: {
      as: text('subject to call as', 'subject'),
      roles: text(
        "roles of that subject, comma-separated; all of the application's unless --as",
        'a,b',
      ),
      key: text('idempotency key of a command', 'key'),
      url: text(
        'base address of the application; the running `banyan dev` unless given',
        'http://…',
      ),
      timeout: {
        kind: 'parsed',
        parse: parseDurationMs,
        brief: 'longest wait, such as 5s; the timeout of the operation unless given',
        placeholder: 'duration',
        optional: true,
      },
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'such as inventory.stock', parse: String, placeholder: 'module.operation' },
        {
          brief: 'the input as a JSON object; {} unless given',
          parse: String,
          placeholder: 'json',
          optional: true,
        },
        folderLast,
      ],
    },
  },
  docs: {
    brief: 'call one operation and print its result',
    fullDescription: `banyan call inventory.stock '{"sku":"A-1"}' --as anna --roles customer

Input and result are in wire form, as over HTTP: bigint and dates are strings. With --url, or while
\`banyan dev\` runs this folder, the operation is called over HTTP with a token signed by the folder's
secret. An operation without a route, or with nothing running, is called in this process on the same
database. Without --as the call is the operator's: every role over HTTP, no access rules here.

The result is JSON on standard output. A failure is written to standard error and ends with 1; an
operation that does not exist or input that is no JSON ends with 2.`,
  },
})
