/** The subjects of the remote-call bench: a server process and a client process each. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Subject = {
  readonly name: string
  /** Absent where the caller's own process runs the handler. */
  readonly server?: string
  /** Exports `connect`; see client.ts. */
  readonly client: string
  /** Given to both processes. */
  readonly env?: Readonly<Record<string, string>>
}

export const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url))
const ownFolder = fileURLToPath(new URL('./', import.meta.url))

function peer(name: string, server = name): Subject {
  return {
    name,
    server: `${peersFolder}remote-call/${server}-server.js`,
    client: `${peersFolder}remote-call/${name}-client.js`,
  }
}

export const peerSubjects: readonly Subject[] = [
  peer('moleculer'),
  peer('nestjs'),
  peer('grpc'),
  peer('http'),
  peer('undici', 'http'),
]

export const inlineSubject: Subject = { name: 'inline', client: `${ownFolder}inline-client.ts` }

export const subjects: readonly Subject[] = [...peerSubjects, inlineSubject]

/** Why a subject cannot be measured here; undefined when it can. */
export function tryFindAbsence(subject: Subject): string | undefined {
  const missing = [subject.server, subject.client].find(
    (file) => file !== undefined && !existsSync(file),
  )
  return missing === undefined ? undefined : `${missing} does not exist`
}
