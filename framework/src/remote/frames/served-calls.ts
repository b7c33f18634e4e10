import type { Receiver } from '../../call/index.ts'
import type { WorkTally } from '../work-tally.ts'
import type { DecodedCall } from './call-frame.ts'
import { closeCode, ProtocolError } from './layout.ts'
import { ServedCall, type ServedCallOwner } from './served-call.ts'

const slotMask = 0xffff

/** The calls of one connection that are at work.
 *  Invariant: a call counts as at work until its handler ends, also after it was cancelled. */
export class ServedCalls implements ServedCallOwner {
  /** At work, cancelled ones among them. */
  working = 0
  readonly #receiver: Receiver
  readonly #tally: WorkTally
  readonly #answer: (served: ServedCall, text: string, isFailure: boolean) => void
  /** By the slot of their id; cancelled ones are no longer there. */
  readonly #bySlot: (ServedCall | undefined)[] = []

  constructor(
    receiver: Receiver,
    tally: WorkTally,
    answer: (served: ServedCall, text: string, isFailure: boolean) => void,
  ) {
    this.#receiver = receiver
    this.#tally = tally
    this.#answer = answer
  }

  /** Begins a call. @throws ProtocolError when its id is in use */
  begin(call: DecodedCall): void {
    const slot = call.id & slotMask
    if (this.#bySlot[slot] !== undefined) {
      throw new ProtocolError(closeCode.protocol, `the id ${call.id} twice`)
    }
    const served = new ServedCall(this, call.id, call.operation)
    this.#bySlot[slot] = served
    this.working++
    this.#tally.begin()
    served.work = this.#receiver.receive(call, served)
  }

  /** Tells a call that nobody waits for it. */
  cancel(id: number): void {
    const served = this.#bySlot[id & slotMask]
    if (served?.id !== id) return
    this.#bySlot[id & slotMask] = undefined
    served.cancel()
  }

  cancelAll(): void {
    for (const served of this.#bySlot.splice(0)) served?.cancel()
  }

  ended(served: ServedCall, text: string, isFailure: boolean): void {
    this.working--
    if (!served.isCancelled) {
      this.#bySlot[served.id & slotMask] = undefined
      this.#answer(served, text, isFailure)
    }
    this.#tally.end()
  }
}
