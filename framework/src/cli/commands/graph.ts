import { type Application, graphOf, type UseGraph } from '../../module/index.ts'
import { loadProject } from '../load-application.ts'
import { print } from '../terminal.ts'

export interface GraphFlags {
  readonly mermaid?: boolean
  readonly json?: boolean
}

/** Which modules hear which event: `orders.paid` → names of modules, in the order of the application. */
type EventGraph = ReadonlyMap<string, readonly string[]>

/** `banyan graph`: which module uses which, and which events each hears. */
export async function graph(flags: GraphFlags, folder: string): Promise<void> {
  const { application } = await loadProject(folder)
  const uses = graphOf(application)
  const events = eventsOf(application)
  if (flags.json === true) {
    const { name } = application
    const graphs = { uses: Object.fromEntries(uses), events: Object.fromEntries(events) }
    print(JSON.stringify({ application: name, ...graphs }))
  } else print(flags.mermaid === true ? mermaid(uses, events) : text(uses, events))
}

function eventsOf({ modules }: Application): EventGraph {
  const events = modules.flatMap(({ contract }) => Object.values(contract.events))
  return new Map(
    events.map(({ name }) => {
      const hearers = modules.filter(({ subscriptions }) =>
        subscriptions.some(({ event }) => event.name === name),
      )
      return [name, hearers.map(({ contract }) => contract.name)]
    }),
  )
}

/** `notifications → identity ⇠ orders.paid` */
function text(uses: UseGraph, events: EventGraph): string {
  const lines = [...uses].map(([name, used]) => {
    const heard = [...events].filter(([, hearers]) => hearers.includes(name))
    return [
      name,
      ...(used.length === 0 ? [] : ['→', used.join(', ')]),
      ...(heard.length === 0 ? [] : ['⇠', heard.map(([event]) => event).join(', ')]),
    ].join(' ')
  })
  return lines.join('\n')
}

/** Calls are solid arrows; events are dashed ones, from who publishes to who hears. */
function mermaid(uses: UseGraph, events: EventGraph): string {
  const heard = [...events].flatMap(([event, hearers]) => {
    const [module = '', name = ''] = event.split('.')
    return hearers.map((hearer) => ({ module, hearer, name }))
  })
  const arrows = [
    ...[...uses].flatMap(([name, used]) => used.map((one) => `  ${name} --> ${one}`)),
    ...heard.map(({ module, hearer, name }) => `  ${module} -. ${name} .-> ${hearer}`),
  ]
  const drawn = new Set([
    ...[...uses].flatMap(([name, used]) => (used.length === 0 ? [] : [name, ...used])),
    ...heard.flatMap(({ module, hearer }) => [module, hearer]),
  ])
  const alone = [...uses.keys()].filter((name) => !drawn.has(name))
  return ['graph LR', ...alone.map((name) => `  ${name}`), ...arrows].join('\n')
}
