/** Starts the processes of the endpoint bench: a server under measurement, and the span sink. */
import { fileURLToPath } from 'node:url'
import { type Child, loadCore, serverCore, startNode } from '../measure/child.ts'
import { type SpanSeen, spanOfJson } from './otlp.ts'
import { environmentOf, type ServerSettings } from './protocol.ts'
import type { Subject } from './subjects.ts'

export type Listening = AsyncDisposable & {
  readonly child: Child
  readonly url: string
}

const readyMsMax = 20_000

export async function startServer(subject: Subject, settings: ServerSettings): Promise<Listening> {
  const child = startNode(subject.file, {
    core: serverCore,
    ...(subject.nodeArgs === undefined ? {} : { nodeArgs: subject.nodeArgs }),
    env: { ...environmentOf(settings), ...subject.env },
  })
  return await listening(child)
}

/** The sink; `keepsSpans` decodes and keeps every span, for verification only. */
export async function startSink(keepsSpans: boolean): Promise<Listening> {
  const file = fileURLToPath(new URL('./sink-server.ts', import.meta.url))
  const child = startNode(file, { core: loadCore, args: keepsSpans ? ['--keep'] : [] })
  return await listening(child)
}

export async function countedSpans(sink: Listening): Promise<number> {
  const counts: unknown = await (await fetch(`${sink.url}/count`)).json()
  return typeof counts === 'object' && counts !== null ? Number(Reflect.get(counts, 'spans')) : 0
}

export async function keptSpans(sink: Listening): Promise<SpanSeen[]> {
  const spans: unknown = await (await fetch(`${sink.url}/spans`)).json()
  return Array.isArray(spans) ? spans.map(spanOfJson) : []
}

async function listening(child: Child): Promise<Listening> {
  try {
    const line = await child.line(/^\{"ready":true/, readyMsMax)
    const { port }: { port: number } = JSON.parse(line)
    const stop = async (): Promise<void> => {
      await child.stop()
    }
    return { child, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await child.stop()
    throw error
  }
}
