/** Runs the verifier against a real server process, with a file for its log and a sink that keeps
 *  its spans. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadData } from './load-data.ts'
import { keptSpans, startServer, startSink } from './processes.ts'
import type { Subject } from './subjects.ts'
import { findViolations } from './verify.ts'

/** @returns one sentence per duty that the subject skips; empty when it does them all. */
export async function verifySubject(subject: Subject, data: LoadData): Promise<string[]> {
  const logPath = join(data.folder, `${subject.name}.ndjson`)
  await using sink = await startSink(true)
  await using server = await startServer(subject, { logPath, otlpUrl: sink.url })
  return await findViolations({
    url: server.url,
    histogram: subject.histogram,
    stop: async () => {
      if (!(await server.child.stop())) throw new Error('did not stop within 10 s of SIGTERM')
      const logLines = readFileSync(logPath, 'utf8').split('\n').filter(Boolean)
      return { logLines, spans: await keptSpans(sink) }
    },
  })
}
