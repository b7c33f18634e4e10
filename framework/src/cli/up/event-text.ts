import type { Serving, SupervisorEvent } from '../../cluster/index.ts'
import { formatDuration } from '../../kernel/index.ts'

/** An event of the supervisor as a sentence; undefined for what people need not see. */
export function eventText(event: SupervisorEvent): string | undefined {
  switch (event.type) {
    case 'line':
    case 'serving':
    case 'started':
      return undefined
    case 'step':
      return event.text
    case 'adopted':
      return `${event.id} runs (process ${event.pid})`
    case 'ready':
      return `${event.id} is ready in ${formatDuration(event.tookMs)}${at(event.url)}`
    case 'hung':
      return `${event.id} does not answer and is ended by force`
    case 'stopped':
      return `${event.id} stopped${event.isForced ? ' by force' : ''}`
    case 'ended':
      return `${event.id} ended (${event.status})${again(event.pauseMs)}`
    case 'warning':
      return `warning  ${event.error.code}  ${event.error.message}`
  }
}

/** What is said when everything serves. */
export function servingText(serving: Serving, took: string): string {
  const { application, topology, urls, services, beside } = serving
  const [url = ''] = urls
  const instances = Object.entries(services).map(([name, count]) => `${name} ×${count}`)
  return `
  ${application} ${ways[serving.how](took)}   (topology ${topology})

  API        ${urls.join('  ')}
  docs       ${url}/docs
  services   ${instances.join('  ')}
  beside     ${beside.length === 0 ? 'nothing' : beside.join(', ')}

  banyan ps shows what runs, banyan apply moves it to another topology. Ctrl-C stops everything.

`
}

const ways: Readonly<Record<Serving['how'], (took: string) => string>> = {
  started: (took) => `is up in ${took}`,
  adopted: () => 'ran on, and is supervised again',
  applied: () => 'has moved',
}

function at(url: string | undefined): string {
  return url === undefined ? '' : ` at ${url}`
}

function again(pauseMs: number | undefined): string {
  return pauseMs === undefined ? '' : `; it starts again in ${formatDuration(pauseMs)}`
}
