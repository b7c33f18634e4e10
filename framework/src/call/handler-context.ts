import { hash } from 'node:crypto'
import {
  type Clock,
  Context,
  type ContextOptions,
  type Ids,
  type Principal,
  type Random,
} from '../kernel/index.ts'
import {
  type EnqueueOptions,
  type Files,
  type Job,
  type Log,
  type Mail,
  type MailReceipt,
  type MailSender,
  moduleGrantMissing,
  type Outbox,
  type TransactionOptions,
} from '../module/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { ContextLog } from './context-log.ts'
import {
  callDeadlineExceeded,
  callFilesMissing,
  callOutcomeUnknown,
  callStorageMissing,
  callTransactionNested,
} from './errors.ts'
import { tracedFetch } from './fetch.ts'
import { KeyScope, nextOf } from './key-scope.ts'
import type { MessagePort } from './message-port.ts'
import type { Claim, Storage } from './storage.ts'
import { TransactionScope } from './transaction-scope.ts'
import type { Work, WorkRequest } from './work.ts'

/** Hands a mail to the instance's mailer; gives up when the signal fires. */
export type SendMail = (mail: Mail, signal: AbortSignal) => Promise<MailReceipt>

/** What the handlers of one module share; fixed at boot. */
export interface ModuleBinding {
  readonly module: string
  readonly config: unknown
  readonly storage: Storage | undefined
  /** Undefined for a module without tables: it has nowhere to keep messages. */
  readonly messages: MessagePort | undefined
  /** Makes `ctx.files` for a context; undefined where no files are kept. */
  readonly filesFor: ((context: Context) => Files) | undefined
  readonly telemetry: Telemetry
  readonly issueToken: ((principal: Principal, lifetimeMs: number) => string) | undefined
  readonly sendMail: SendMail | undefined
  /** Makes `ctx.call` for a context. */
  callsFor(context: HandlerContext): object
}

/** The context that a handler is given: the moving part of the request, and the module's means. One
 *  object per call; what costs something is made when first asked for. */
export class HandlerContext extends Context {
  readonly #binding: ModuleBinding
  readonly #work: Work
  readonly #request: WorkRequest
  #calls: object | undefined = undefined
  #log: Log | undefined = undefined
  #reader: unknown = undefined
  #files: Files | undefined = undefined
  #keys: KeyScope | undefined = undefined
  #fingerprint: Uint8Array | undefined = undefined

  constructor(
    options: ContextOptions,
    place: { readonly binding: ModuleBinding; readonly work: Work },
    request: WorkRequest,
  ) {
    super(options)
    this.#binding = place.binding
    this.#work = place.work
    this.#request = request
  }

  get module(): string {
    return this.#binding.module
  }

  /** What it serves: a query must not change anything, also not through others. */
  get work(): Work {
    return this.#work
  }

  get call(): object {
    this.#calls ??= this.#binding.callsFor(this)
    return this.#calls
  }

  get config(): unknown {
    return this.#binding.config
  }

  get clock(): Clock {
    return this.world.clock
  }

  get random(): Random {
    return this.world.random
  }

  get ids(): Ids {
    return this.world.ids
  }

  get log(): Log {
    this.#log ??= new ContextLog(this.#binding.telemetry.logs, this, this.#work.id)
    return this.#log
  }

  get db(): unknown {
    this.#reader ??= this.#storage().reader(this)
    return this.#reader
  }

  get files(): Files {
    const { filesFor, module } = this.#binding
    if (filesFor === undefined) throw callFilesMissing({ module })
    this.#files ??= filesFor(this)
    return this.#files
  }

  transaction<Result>(
    work: (tx: never) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    if (this.isInTransaction) {
      return Promise.reject(callTransactionNested({ operation: this.#work.id }))
    }
    const storage = this.#storage()
    const isRecorded = options.recorded !== false
    const keys = this.keyScope
    const step = keys.nextTransaction(isRecorded)
    const attempt = (tx: never): Promise<Result> => TransactionScope.run(this, step, () => work(tx))
    const claim = isRecorded ? this.#claim(keys.key, step) : undefined
    const { messages } = this.#binding
    if (messages === undefined) return storage.transaction(this, attempt, { ...options, claim })
    const companion = (): object => messages.companionOf(this)
    return storage.transaction(this, attempt, { ...options, claim, companion })
  }

  /** Under an idempotency key it is a transaction of its own, so that it happens once. */
  async enqueue(job: Job, input: unknown, options: EnqueueOptions = {}): Promise<string> {
    const { messages } = this.#binding
    if (messages === undefined) throw callStorageMissing({ module: this.module })
    if (this.idempotencyKey === undefined) return messages.enqueue(this, { job, input, options })
    return this.transaction(async (tx: Outbox) => tx.enqueue(job, input, options))
  }

  faultPoint(name: string): Promise<void> {
    return this.world.faults.reach(name)
  }

  fetch(url: string, init: RequestInit = {}): Promise<Response> {
    return tracedFetch(this, this.#binding.telemetry.tracer, { url, init })
  }

  issueToken(principal: Principal, lifetimeMs: number): string {
    const { issueToken, module } = this.#binding
    if (issueToken === undefined) throw moduleGrantMissing({ module, grant: 'issueToken' })
    return issueToken(principal, lifetimeMs)
  }

  get mail(): MailSender {
    const { sendMail, module } = this.#binding
    if (sendMail === undefined) throw moduleGrantMissing({ module, grant: 'mail' })
    return { send: (mail) => sendMail(mail, this.signal) }
  }

  /** The key of the next nested call of `operation`: the n-th call of one command, or of one of its
   *  transactions, always has the same key, so that a repeated command or a transaction that runs
   *  again repeats its calls under the keys they had. */
  nextNestedKey(operation: string): string | undefined {
    const keys = this.keyScope
    const { key } = keys
    if (key === undefined) return undefined
    const transaction = TransactionScope.of(this)
    const place =
      transaction === undefined
        ? `${keys.nextCall(operation)}`
        : `${nextOf(transaction.counts, operation)}\n${transaction.step}`
    return hash('sha256', `${this.#scope()}\n${this.#work.id}\n${key}\n${operation}\n${place}`)
  }

  /** Where transactions and calls are counted now. Overridden by contexts whose work is repeated in parts. */
  protected get keyScope(): KeyScope {
    this.#keys ??= new KeyScope(this.idempotencyKey)
    return this.#keys
  }

  /** Whether the caller runs inside of a transaction of this context. */
  protected get isInTransaction(): boolean {
    return TransactionScope.of(this) !== undefined
  }

  override expire(): void {
    const { id, timeoutMs, kind } = this.#work
    const details = { operation: id, timeoutMs }
    this.cancel(kind === 'query' ? callDeadlineExceeded(details) : callOutcomeUnknown(details))
  }

  /** Who may use the keys of this request. */
  #scope(): string {
    const { callerModule } = this.#request
    if (callerModule !== undefined) return `module:${callerModule}`
    const { subject } = this.principal
    return subject === '' ? 'anonymous' : `principal:${subject}`
  }

  #storage(): Storage {
    const { storage, module } = this.#binding
    if (storage === undefined) throw callStorageMissing({ module })
    return storage
  }

  #claim(key: string | undefined, step: number): Claim | undefined {
    if (key === undefined) return undefined
    this.#fingerprint ??= hash('sha256', this.#work.encodeInput(this.#request.input), 'buffer')
    return {
      scope: this.#scope(),
      operation: this.#work.id,
      key,
      step,
      fingerprint: this.#fingerprint,
    }
  }
}
