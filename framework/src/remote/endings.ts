import { callOutcomeUnknown, type OutgoingCall } from '../call/index.ts'
import type { BanyanError } from '../kernel/index.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import { remoteUnreachable } from './errors.ts'
import type { Journey } from './journey.ts'
import type { Member } from './member.ts'
import { readRefusal } from './refusal.ts'
import type { RouterMetrics } from './router-metrics.ts'

export interface EndingsOptions {
  readonly calls: CallsUnderWay
  /** Who calls. */
  readonly service: string
  readonly metrics: RouterMetrics
}

/** Ends calls that the road could not carry, with the error that is true of them. */
export class Endings {
  readonly #options: EndingsOptions

  constructor(options: EndingsOptions) {
    this.#options = options
  }

  /** The call reached nobody, or a query got no answer; a command that was sent may have happened.
   *  @param cause  Where the journey itself knows none. */
  unreachable(journey: Journey, cause: string = ''): void {
    this.lost(journey, this.#unreachable(journey, journey.cause || cause))
  }

  /** Ends a call by an error of the road that says "nothing happened"; where an earlier attempt may
   *  have changed something, that is said instead. */
  lost(journey: Journey, error: BanyanError): void {
    const { call } = journey
    this.#options.calls.delete(call)
    const service = journey.avoid?.address.service ?? 'none'
    this.#options.metrics.callsOf(service).lost.add()
    call.lost(journey.mayHaveHappened ? this.#outcomeUnknown(journey, error) : error)
  }

  /** The callee said that it did not take the call. */
  refused(journey: Journey, error: string): void {
    if (journey.mayHaveHappened || readRefusal(error).isOfRoad) this.unreachable(journey)
    else this.failed(journey.call, journey.avoid, error)
  }

  /** The callee ended it with an error. */
  failed(call: OutgoingCall, member: Member | undefined, error: string): void {
    this.#options.calls.delete(call)
    member?.outcomes.answered.add()
    call.failed(error)
  }

  #outcomeUnknown({ call }: Journey, cause: BanyanError): BanyanError {
    const { operation, timeoutMs } = call
    return callOutcomeUnknown({ operation, timeoutMs }, { cause })
  }

  #unreachable({ call, attempts }: Journey, cause: string): BanyanError {
    const { service } = this.#options
    return remoteUnreachable({ operation: call.operation, service, attempts, cause })
  }
}
