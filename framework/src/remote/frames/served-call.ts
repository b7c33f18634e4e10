import type { ReceivedCall, ReplySink } from '../../call/index.ts'

/** Whoever has to hear of the end of a served call. */
export interface ServedCallOwner {
  ended(served: ServedCall, text: string, isFailure: boolean): void
}

/** A call that a connection delivered and that has not ended. */
export class ServedCall implements ReplySink {
  readonly id: number
  /** Of the operation, for the error of an answer that is too long. */
  readonly operation: string
  /** The work, once the receiver has begun it. */
  work: ReceivedCall | undefined = undefined
  isEnded = false
  /** Nobody waits for the answer any more. */
  isCancelled = false
  readonly #owner: ServedCallOwner

  constructor(owner: ServedCallOwner, id: number, operation: string) {
    this.#owner = owner
    this.id = id
    this.operation = operation
  }

  answered(output: string): void {
    this.#end(output, false)
  }

  failed(error: string): void {
    this.#end(error, true)
  }

  cancel(): void {
    if (this.isCancelled || this.isEnded) return
    this.isCancelled = true
    this.work?.cancel()
  }

  #end(text: string, isFailure: boolean): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#owner.ended(this, text, isFailure)
  }
}
