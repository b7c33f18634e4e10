/** The subjects of the remote-call bench: a server process and a client process each. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CallsSetting } from './banyan/instance.ts'

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

/** Commands unless said otherwise: they are the harder kind, for each carries a key. */
function banyan(name: string, calls: CallsSetting, kind: 'command' | 'query' = 'command'): Subject {
  return {
    name,
    server: `${ownFolder}banyan/server.ts`,
    client: `${ownFolder}banyan/client.ts`,
    env: { BENCH_CALLS: JSON.stringify(calls), BENCH_KIND: kind },
  }
}

const overTcp = { carrier: 'frames', transport: 'tcp', mtls: false } as const

export const banyanSubjects: readonly Subject[] = [
  banyan('banyan-tcp', overTcp),
  banyan('banyan-tcp-query', overTcp, 'query'),
  banyan('banyan-unix', { ...overTcp, transport: 'unix' }),
  banyan('banyan-mtls', { ...overTcp, mtls: true }),
  banyan('banyan-post', { ...overTcp, carrier: 'post' }),
]

export const subjects: readonly Subject[] = [...banyanSubjects, ...peerSubjects, inlineSubject]

/** Why a subject cannot be measured here; undefined when it can. */
export function tryFindAbsence(subject: Subject): string | undefined {
  const missing = [subject.server, subject.client].find(
    (file) => file !== undefined && !existsSync(file),
  )
  return missing === undefined ? undefined : `${missing} does not exist`
}
