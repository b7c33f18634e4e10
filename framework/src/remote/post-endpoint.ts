import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Receiver } from '../call/index.ts'
import type { BanyanError } from '../kernel/index.ts'
import {
  remoteCallForbidden,
  remoteConnectionFull,
  remoteDraining,
  remoteInputTooLarge,
  remoteProtocolBroken,
} from './errors.ts'
import type { PeerPolicy } from './port.ts'
import { readPostBody } from './post-body.ts'
import {
  type PostedCall as PostedHeaders,
  tryDecodePostHeaders,
  tryParsePostPath,
} from './post-headers.ts'
import { closeAfter, PostedCall, statusOf, writeOutcome } from './posted-call.ts'
import { encodeRefusal } from './refusal-text.ts'
import type { WorkTally } from './work-tally.ts'

export interface PostEndpointOptions {
  readonly instance: string
  readonly receiver: Receiver
  readonly policy: PeerPolicy
  readonly tally: WorkTally
  readonly payloadBytesMax: number
  readonly postsMax: number
  /** Whether the instance is going away, so that connections are closed after their answers. */
  isDraining(): boolean
  /** Why a service may not call at all, or undefined. */
  findRefusal(service: string): string | undefined
}

/** What a listener knows of the connection of a request. */
export interface PostRoad {
  /** The service that a certificate proves. */
  readonly proved: string | undefined
  /** The connection was made when the instance was already going away: it carries no calls. */
  readonly isLate: boolean
}

/** Serves `POST /rpc/<module>/<operation>`: 200 with the output, or the status of an error's kind with
 *  the encoded error. */
export class PostEndpoint {
  readonly #options: PostEndpointOptions
  #inFlight = 0

  constructor(options: PostEndpointOptions) {
    this.#options = options
  }

  serve(request: IncomingMessage, response: ServerResponse, road: PostRoad): void {
    if (this.#options.isDraining()) closeAfter(response)
    const operation = tryParsePostPath(request.url ?? '')
    if (operation === undefined) return refuse(response, malformed('names no operation'))
    if (request.method !== 'POST') return refuse(response, malformed(`is no POST`))
    const headers = tryDecodePostHeaders(request.headers)
    if (headers === undefined) return refuse(response, malformed('has headers of another protocol'))
    const refusal = this.#findRefusal(operation, headers, road)
    if (refusal !== undefined) return refuse(response, refusal)
    this.#inFlight++
    response.once('close', () => void this.#inFlight--)
    this.#receive(request, response, { ...headers, operation })
  }

  #findRefusal(
    operation: string,
    headers: PostedHeaders,
    { proved, isLate }: PostRoad,
  ): BanyanError | undefined {
    const { instance, postsMax, policy, findRefusal } = this.#options
    if (isLate) return remoteDraining({ instance })
    if (this.#inFlight >= postsMax) return remoteConnectionFull({ instance, limit: postsMax })
    const service = proved ?? headers.service
    const { callerModule } = headers
    const peer = { service, isProved: proved !== undefined }
    const reason = findRefusal(service) ?? policy(peer, { operation, callerModule })
    return reason === undefined ? undefined : remoteCallForbidden({ operation, reason })
  }

  #receive(
    request: IncomingMessage,
    response: ServerResponse,
    call: PostedHeaders & { readonly operation: string },
  ): void {
    const { receiver, tally, payloadBytesMax: limit, isDraining } = this.#options
    readPostBody(request, limit, (body) => {
      if ('text' in body) {
        const posted = new PostedCall(response, tally, isDraining)
        posted.began(receiver.receive({ ...call, input: body.text }, posted))
      } else if ('malformed' in body) refuse(response, malformed(body.malformed))
      else {
        // what is left of it is not read
        closeAfter(response)
        const { operation } = call
        const bytes = body.tooManyBytes
        refuse(response, remoteInputTooLarge({ operation, part: 'input', bytes, limit }))
      }
    })
  }
}

function refuse(response: ServerResponse, error: BanyanError): void {
  const body = encodeRefusal(error)
  writeOutcome(response, { status: statusOf(error.kind), outcome: 'failed', body })
}

function malformed(cause: string): BanyanError {
  return remoteProtocolBroken({ peer: 'the caller', cause: `a request that ${cause}` })
}
