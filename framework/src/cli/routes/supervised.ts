import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { keptThings } from '../commands/keep.ts'
import { folderAround, folderLast, json, set, topologyFile } from './parameters.ts'

type Thing = (typeof keptThings)[number]

/** Commands that the supervisor types, not people; hidden from help. */

export const instanceRoute: Command<CommandContext> = buildCommand<object, [string, string]>({
  loader: async () => {
    const { instance } = await import('../commands/instance.ts')
    return (_flags, _id, folder) => instance(folder)
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'its id', parse: String, placeholder: 'id' }, folderLast],
    },
  },
  docs: { brief: 'one instance of a service; started by banyan up' },
})

export const keepRoute: Command<CommandContext> = buildCommand<object, [Thing, string]>({
  loader: async () => {
    const { keep } = await import('../commands/keep.ts')
    return (_flags, thing, folder) => keep(thing, folder)
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'what to keep', parse: parseThing, placeholder: 'what' }, folderLast],
    },
  },
  docs: { brief: 'the owner of an engine or a companion; started by banyan up' },
})

export const prepareRoute: Command<CommandContext> = buildCommand<object, [string, string]>({
  loader: async () => {
    const { prepare } = await import('../commands/prepare.ts')
    return (_flags, _what, folder) => prepare(folder)
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'what to prepare', parse: String, placeholder: 'what' }, folderLast],
    },
  },
  docs: { brief: 'what is done once before instances start; started by banyan up' },
})

export const resolveRoute: Command<CommandContext> = buildCommand<
  { readonly set?: readonly string[]; readonly json?: boolean },
  [string, string | undefined]
>({
  loader: async () => {
    const { resolve } = await import('../commands/resolve.ts')
    return (flags, topology, folder) => resolve(flags, topology, folder)
  },
  parameters: {
    flags: { set, json },
    positional: { kind: 'tuple', parameters: [topologyFile, folderAround] },
  },
  docs: { brief: 'what banyan up must know of an application and a topology' },
})

function parseThing(input: string): Thing {
  const found = keptThings.find((thing) => thing === input)
  if (found === undefined) throw new Error(`"${input}" cannot be kept: ${keptThings.join(', ')}`)
  return found
}
