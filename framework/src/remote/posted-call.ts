import type { ServerResponse } from 'node:http'
import type { ReceivedCall, ReplySink } from '../call/index.ts'
import { type ErrorKind, kindRules } from '../kernel/index.ts'
import { type PostOutcome, postHeader } from './post-headers.ts'
import type { WorkTally } from './work-tally.ts'

/** A posted call at work. Its answer ends the exchange; when the exchange ends first, the call is
 *  cancelled. */
export class PostedCall implements ReplySink {
  readonly #response: ServerResponse
  readonly #tally: WorkTally
  readonly #isDraining: () => boolean
  #work: ReceivedCall | undefined
  #isEnded = false

  /** @param isDraining  Asked at the end: whether the connection is to be closed then. */
  constructor(response: ServerResponse, tally: WorkTally, isDraining: () => boolean) {
    this.#response = response
    this.#tally = tally
    this.#isDraining = isDraining
    tally.begin()
    response.once('close', () => this.#gone())
  }

  /** Tells it what was begun for it. */
  began(work: ReceivedCall): void {
    if (!this.#isEnded) this.#work = work
  }

  answered(output: string): void {
    this.#end(200, 'answered', output)
  }

  failed(error: string, kind: string): void {
    this.#end(statusOf(kind), 'failed', error)
  }

  #end(status: number, outcome: PostOutcome, body: string): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (this.#isDraining()) closeAfter(this.#response)
    writeOutcome(this.#response, { status, outcome, body })
    this.#tally.end()
  }

  #gone(): void {
    if (!this.#isEnded) this.#work?.cancel()
  }
}

/** Answers a posted call, if anybody is there. */
export function writeOutcome(
  response: ServerResponse,
  { status, outcome, body }: { status: number; outcome: PostOutcome; body: string },
): void {
  if (response.destroyed) return
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    [postHeader.outcome]: outcome,
  })
  response.end(body)
}

/** Makes an answer the last one of its connection. */
export function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}

/** The status of an error's kind. */
export function statusOf(kind: string): number {
  return Object.hasOwn(kindRules, kind) ? kindRules[kind as ErrorKind].status : 500
}
