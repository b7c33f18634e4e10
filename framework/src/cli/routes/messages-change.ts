import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { RedriveFlags } from '../commands/messages/redrive.ts'
import type { OneMessageFlags } from '../commands/messages/show.ts'
import { flag, folderLast, json, text } from './parameters.ts'

const moduleFlag = text('whose message, of an event that several modules heard', 'module')

const idAndFolder = {
  kind: 'tuple',
  parameters: [{ brief: 'id of the message', parse: String, placeholder: 'id' }, folderLast],
} as const

const parkRoute: Command<CommandContext> = buildCommand<OneMessageFlags, [string, string]>({
  loader: async () => {
    const { park } = await import('../commands/messages/change.ts')
    return (flags, id, folder) => park(flags, id, folder)
  },
  parameters: { flags: { module: moduleFlag, json }, positional: idAndFolder },
  docs: {
    brief: 'put a message aside',
    fullDescription: `It does not run until it is redriven; later ones with its key go on. One that runs is taken from its
worker, whose transactions cannot commit any more: what it did outside the database is done.`,
  },
})

const cancelRoute: Command<CommandContext> = buildCommand<OneMessageFlags, [string, string]>({
  loader: async () => {
    const { cancel } = await import('../commands/messages/change.ts')
    return (flags, id, folder) => cancel(flags, id, folder)
  },
  parameters: { flags: { module: moduleFlag, json }, positional: idAndFolder },
  docs: {
    brief: 'end a message for good',
    fullDescription: `It is kept for a while as cancelled, and then deleted. One that runs is told to stop: its signal fires,
and it ends when its run does. A saga that has done steps is undone by a worker first. There is no way back;
park it when in doubt.`,
  },
})

const redriveRoute: Command<CommandContext> = buildCommand<RedriveFlags, [string, string]>({
  loader: async () => {
    const { redrive } = await import('../commands/messages/redrive.ts')
    return (flags, target, folder) => redrive(flags, target, folder)
  },
  parameters: {
    flags: { module: moduleFlag, yes: flag('redrive a whole queue'), json },
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'id of a message, or a queue', parse: String, placeholder: 'id|queue' },
        folderLast,
      ],
    },
  },
  docs: {
    brief: 'let parked messages run again',
    fullDescription: `banyan messages redrive notifications.jobs.send --yes

Attempts begin anew; messages with one key go in their old order. A queue is redriven 500 at a time, with
progress on standard error; Ctrl-C ends it after a batch (exit code 130), and a repetition goes on. Without
--yes a queue is only counted (exit code 2). What is parked again meanwhile is left.

A saga goes on after its last recorded step, or goes on being undone; transactions of a message that have committed are not repeated.`,
  },
})

/** Commands that change messages. */
export const changeRoutes: {
  readonly park: Command<CommandContext>
  readonly redrive: Command<CommandContext>
  readonly cancel: Command<CommandContext>
} = { park: parkRoute, redrive: redriveRoute, cancel: cancelRoute }
