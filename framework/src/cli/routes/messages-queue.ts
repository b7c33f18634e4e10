import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { parseDurationMs } from '../../kernel/index.ts'
import type { LimitFlags, QueueFlags } from '../commands/messages/queue.ts'
import { folderLast, json } from './parameters.ts'

const queueAndFolder = {
  kind: 'tuple',
  parameters: [
    { brief: 'such as notifications.on.orders.paid', parse: String, placeholder: 'queue' },
    folderLast,
  ],
} as const

const pauseRoute: Command<CommandContext> = buildCommand<QueueFlags, [string, string]>({
  loader: async () => {
    const { pause } = await import('../commands/messages/queue.ts')
    return (flags, queue, folder) => pause(flags, queue, folder)
  },
  parameters: { flags: { json }, positional: queueAndFolder },
  docs: {
    brief: 'let nothing of a queue begin',
    fullDescription: `What runs goes on; what comes waits. Workers see it within seconds, in the whole fleet, and it lasts
until \`banyan messages resume\`, over restarts too.`,
  },
})

const resumeRoute: Command<CommandContext> = buildCommand<QueueFlags, [string, string]>({
  loader: async () => {
    const { resume } = await import('../commands/messages/queue.ts')
    return (flags, queue, folder) => resume(flags, queue, folder)
  },
  parameters: { flags: { json }, positional: queueAndFolder },
  docs: {
    brief: 'let a paused queue go on',
    fullDescription:
      'Undoes `banyan messages pause`; limits stay. Workers see it within seconds, in the whole fleet.',
  },
})

const limitRoute: Command<CommandContext> = buildCommand<LimitFlags, [string, string]>({
  loader: async () => {
    const { limit } = await import('../commands/messages/queue.ts')
    return (flags, queue, folder) => limit(flags, queue, folder)
  },
  parameters: {
    flags: {
      concurrency: {
        kind: 'parsed',
        parse: parseConcurrency,
        brief: 'runs at once in the whole fleet, or default',
        placeholder: 'count',
        optional: true,
      },
      rate: {
        kind: 'parsed',
        parse: parseRate,
        brief: 'starts in the whole fleet, such as 100/1s or 5/1m, or default',
        placeholder: 'count/duration',
        optional: true,
      },
      json,
    },
    positional: queueAndFolder,
  },
  docs: {
    brief: 'set how fast a queue is worked on',
    fullDescription: `banyan messages limit notifications.jobs.send --concurrency 2 --rate 100/1s

Takes the place of what the application declares, until \`default\` gives it back; what is not named stays.
Workers see it within seconds. Concurrency: 1 to 10,000. Rate: 1 to 1,000,000 in 1 ms to 24 h.`,
  },
})

/** Commands about whole queues. */
export const queueRoutes: {
  readonly pause: Command<CommandContext>
  readonly resume: Command<CommandContext>
  readonly limit: Command<CommandContext>
} = { pause: pauseRoute, resume: resumeRoute, limit: limitRoute }

function parseConcurrency(given: string): NonNullable<LimitFlags['concurrency']> {
  if (given === 'default') return given
  if (/^\d{1,7}$/.test(given)) return Number(given)
  throw new SyntaxError(`${given} is not a whole number, nor default`)
}

function parseRate(given: string): NonNullable<LimitFlags['rate']> {
  if (given === 'default') return given
  const [, count, period] = /^(\d{1,7})\/(\S+)$/.exec(given) ?? []
  if (period === undefined) throw new SyntaxError(`${given} is not like 100/1s, nor default`)
  return {
    count: Number(count),
    perMs: parseDurationMs(/^\d/.test(period) ? period : `1${period}`),
  }
}
