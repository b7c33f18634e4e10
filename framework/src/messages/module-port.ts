import type { MessagePort } from '../call/index.ts'
import type { ModuleDatabase } from '../data/index.ts'
import type { Context, World } from '../kernel/index.ts'
import type { Module } from '../module/index.ts'
import { EnqueueBatch } from './enqueue-batch.ts'
import { messagesQueueFull } from './errors.ts'
import { MessageHandlerContext } from './message-handler-context.ts'
import { MessageWriter, type Written, writtenOf } from './message-writer.ts'
import type { PlatformContexts } from './platform-context.ts'
import { TransactionOutbox } from './transaction-outbox.ts'

export interface PortParts {
  readonly world: World
  readonly contexts: PlatformContexts
  readonly carriesJobs: boolean
  readonly wake: (written: Written) => void
}

/** What the contexts of one module are given. */
export class ModulePort implements MessagePort {
  readonly #writer: MessageWriter
  readonly #batch: EnqueueBatch
  readonly #carriesJobs: boolean

  constructor(module: Module, database: ModuleDatabase, parts: PortParts) {
    const { world, carriesJobs, wake, contexts } = parts
    const { clock, ids } = world
    this.#carriesJobs = carriesJobs
    this.#writer = new MessageWriter({ module, clock, ids, carriesJobs, wake })
    this.#batch = new EnqueueBatch({
      ...{ database, contexts },
      written: (jobs) => wake(writtenOf(0, jobs)),
      full: () => messagesQueueFull({ module: module.contract.name }),
    })
  }

  companionOf(context: Context): TransactionOutbox {
    const fence = context instanceof MessageHandlerContext ? context.fence() : undefined
    return new TransactionOutbox(this.#writer, context.trace, fence)
  }

  async enqueue(
    context: Parameters<MessagePort['enqueue']>[0],
    request: Parameters<MessagePort['enqueue']>[1],
  ): Promise<string> {
    const { job, input, options } = request
    if (this.#carriesJobs) {
      return context.transaction(async (tx: TransactionOutbox['handle']) =>
        tx.enqueue(job, input, options),
      )
    }
    const message = this.#writer.jobOf(job, input, options, context.trace)
    await this.#batch.add(message)
    return message.id
  }
}
