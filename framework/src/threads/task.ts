/** One call of `run`: settles once, whatever comes first. */
export class Task {
  readonly input: unknown
  readonly transfer: readonly ArrayBuffer[]
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly #resolve: (output: unknown) => void
  readonly #reject: (error: Error) => void
  /** Called when the caller gives up. */
  onCancel: (reason: unknown) => void = () => undefined
  readonly #cancel = (): void => this.onCancel(this.signal?.reason)

  constructor(
    request: Pick<Task, 'input' | 'transfer' | 'timeoutMs' | 'signal'>,
    resolve: (output: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.input = request.input
    this.transfer = request.transfer
    this.timeoutMs = request.timeoutMs
    this.signal = request.signal
    this.#resolve = resolve
    this.#reject = reject
    this.signal?.addEventListener('abort', this.#cancel, { once: true })
  }

  succeed(output: unknown): void {
    this.#leave()
    this.#resolve(output)
  }

  /** @param error  A coded error, or the reason of the caller's signal, which may be anything. */
  fail(error: unknown): void {
    this.#leave()
    this.#reject(error as Error)
  }

  #leave(): void {
    this.signal?.removeEventListener('abort', this.#cancel)
  }
}
