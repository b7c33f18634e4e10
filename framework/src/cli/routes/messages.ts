import {
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  numberParser,
  type RouteMap,
} from '@stricli/core'
import type { ListFlags } from '../commands/messages/list.ts'
import type { OverviewFlags } from '../commands/messages/overview.ts'
import type { OneMessageFlags } from '../commands/messages/show.ts'
import { changeRoutes } from './messages-change.ts'
import { queueRoutes } from './messages-queue.ts'
import { flag, folderLast, folderOnly, json, text } from './parameters.ts'

const overviewRoute: Command<CommandContext> = buildCommand<OverviewFlags, [string]>({
  loader: async () => {
    const { overview } = await import('../commands/messages/overview.ts')
    return (flags, folder) => overview(flags, folder)
  },
  parameters: { flags: { all: flag('show empty queues too'), json }, positional: folderOnly },
  docs: {
    brief: 'what waits in which queue, and for how long',
    fullDescription: `One line per queue: messages by state, the lateness of the oldest that could run, and limits. Below,
what modules have published and nobody has carried away yet (a broker that is down). Up to 100,000
messages per module and state are counted; a + says that there are more.

  ready      may begin              blocked    an earlier one with its key is not done
  waiting    for its time           listening  a saga waits for an event
  leased     a worker has it        parked     failed for good; see redrive and cancel`,
  },
})

const listRoute: Command<CommandContext> = buildCommand<ListFlags, [string]>({
  loader: async () => {
    const { list } = await import('../commands/messages/list.ts')
    return (flags, folder) => list(flags, folder)
  },
  parameters: {
    flags: {
      of: text('a module, or a queue such as notifications.on.orders.paid', 'module|queue'),
      state: text('only messages in this state', 'state'),
      after: text('position that the page before ended at; with --of', 'position'),
      count: {
        kind: 'parsed',
        parse: numberParser,
        brief: 'messages of one page, 1 to 500; 50 unless given',
        placeholder: 'count',
        optional: true,
      },
      all: flag('print every page; with --json one message a line'),
      json,
    },
    positional: folderOnly,
  },
  docs: {
    brief: 'list messages',
    fullDescription: `banyan messages list --state parked

Messages in the order of their positions, one module after the other. States: ready, waiting, leased,
blocked, listening, parked, done (kept for the history of a saga), cancelled.`,
  },
})

const showRoute: Command<CommandContext> = buildCommand<OneMessageFlags, [string, string]>({
  loader: async () => {
    const { show } = await import('../commands/messages/show.ts')
    return (flags, id, folder) => show(flags, id, folder)
  },
  parameters: {
    flags: {
      module: text('where to look; everywhere unless given', 'module'),
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'id of the message', parse: String, placeholder: 'id' }, folderLast],
    },
  },
  docs: {
    brief: 'show one message: payload, attempts, the error with its stack',
    fullDescription: `Everything that is known of a message: state, key, lease, attempts and deaths of its runs, progress,
steps of its saga, the last error with cause and stack, headers with the trace, and the payload. The
payload may hold data of customers. An event has one id in all modules that heard it: name one with
--module.`,
  },
})

/** `banyan messages …`: looking at messages and deciding about them. */
export const messagesRoutes: RouteMap<CommandContext> = buildRouteMap({
  routes: {
    overview: overviewRoute,
    list: listRoute,
    show: showRoute,
    ...changeRoutes,
    ...queueRoutes,
  },
  defaultCommand: 'overview',
  docs: {
    brief: 'look at messages and decide about them',
    fullDescription: `Events and jobs that wait, run, or failed. The database is that of DATABASE_URL, of what runs on the
folder, or the embedded one, started for the while. Workers may run meanwhile: every change looks at
the message under a lock.

  banyan messages                                          what waits where
  banyan messages list --state parked                      what failed
  banyan messages show <id>                                why
  banyan messages redrive notifications.jobs.send --yes    again`,
  },
})
