import {
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  numberParser,
  type RouteMap,
} from '@stricli/core'
import type { MailListFlags } from '../commands/mail/list.ts'
import type { MailShowFlags } from '../commands/mail/show.ts'
import { flag, folderLast, folderOnly, json } from './parameters.ts'

const listRoute: Command<CommandContext> = buildCommand<MailListFlags, [string]>({
  loader: async () => {
    const { list } = await import('../commands/mail/list.ts')
    return (flags, folder) => list(flags, folder)
  },
  parameters: {
    flags: {
      count: {
        kind: 'parsed',
        parse: numberParser,
        brief: 'mails to show, 1 to 100,000; 50 unless given',
        placeholder: 'count',
        optional: true,
      },
      json,
    },
    positional: folderOnly,
  },
  docs: {
    brief: 'list captured mails, newest first',
    fullDescription: `One line per mail: when it was sent first, to whom, subject, attachments, and how often it was sent
again under the same Message-ID. Mails are captured where no mail server is set (BANYAN_MAIL_URL); one that was sent
to a server is not here.`,
  },
})

const showRoute: Command<CommandContext> = buildCommand<MailShowFlags, [string, string]>({
  loader: async () => {
    const { show } = await import('../commands/mail/show.ts')
    return (flags, id, folder) => show(flags, id, folder)
  },
  parameters: {
    flags: { html: flag('print the HTML part only'), json },
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'id of the list, or a Message-ID', parse: String, placeholder: 'id' },
        folderLast,
      ],
    },
  },
  docs: {
    brief: 'show one captured mail',
    fullDescription:
      'Sender, recipients, subject and text, and the files in which attachments lie. --html prints the HTML part as it is.',
  },
})

/** `banyan mail …`: looking at mail that was captured instead of sent. */
export const mailRoutes: RouteMap<CommandContext> = buildRouteMap({
  routes: { list: listRoute, show: showRoute },
  defaultCommand: 'list',
  docs: {
    brief: 'look at captured mail',
    fullDescription: `Where no mail server is set, what modules send is kept in the folder of local state.

  banyan mail                newest first
  banyan mail show <id>      text and attachments of one`,
  },
})
