import { asBanyanError, type World } from '../kernel/index.ts'
import type { CallOptions } from '../module/index.ts'
import { copyChecked, decodeChecked } from './checked.ts'
import type { FailureTable } from './failures.ts'
import type { HandlerContext } from './handler-context.ts'
import type { LocalOperation } from './local-operation.ts'
import { decodeError, encodeError } from './wire-error.ts'
import type { CallTarget } from './call-target.ts'

/** The `wire` runner: a call in one process that suffers what a network does. Input, output and
 *  errors cross as text; the first answer is lost and asked for again, and the second request
 *  arrives twice. Commands without a key get one, as a remote caller would give them.
 *  For tests: it finds what would break on the day a call becomes remote. */
export class WireTarget implements CallTarget {
  readonly id: string
  readonly #operation: LocalOperation
  readonly #world: World
  readonly #failures: FailureTable

  constructor(operation: LocalOperation, world: World, failures: FailureTable) {
    this.id = operation.id
    this.#operation = operation
    this.#world = world
    this.#failures = failures
  }

  async callFrom(
    caller: HandlerContext,
    input: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const key =
      options?.idempotencyKey ??
      (this.#operation.kind === 'command'
        ? (caller.nextNestedKey(this.id) ?? this.#world.ids.next())
        : undefined)
    const keyed = key === undefined ? options : { ...options, idempotencyKey: key }
    return this.exchange(input, (received) => this.#operation.callFrom(caller, received, keyed))
  }

  /** Sends `input` through text three times: once with a lost answer, then twice at the same time. */
  async exchange(input: unknown, run: (received: unknown) => Promise<unknown>): Promise<unknown> {
    const copied = copyChecked(this.#operation.input, input, this.#operation.inputError)
    const text = this.#operation.input.encode(copied)
    await this.#deliver(text, run)
    const [answer] = await Promise.all([this.#deliver(text, run), this.#deliver(text, run)])
    return this.#receive(answer)
  }

  async #deliver(text: string, run: (received: unknown) => Promise<unknown>): Promise<Reply> {
    try {
      const received = decodeChecked(
        this.#operation.input,
        JSON.parse(text),
        this.#operation.inputError,
      )
      const result = await run(received)
      return { isError: false, text: this.#operation.output.encode(result) }
    } catch (error) {
      return { isError: true, text: encodeError(asBanyanError(error), this.#failures) }
    }
  }

  #receive(reply: Reply): unknown {
    if (reply.isError) throw decodeError(reply.text, this.id, this.#failures)
    const decoded = this.#operation.output.decode(JSON.parse(reply.text))
    if (decoded.ok) return decoded.value
    throw decodeError('', this.id, this.#failures)
  }
}

interface Reply {
  readonly isError: boolean
  readonly text: string
}
