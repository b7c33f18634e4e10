import type { Module } from '../../module/index.ts'
import { nearestOf } from '../../topology/index.ts'
import { type Queue, queuesOf } from '../queue.ts'
import { messagesQueueUnknown } from './errors.ts'

/** A queue by its parts. */
export interface QueueName {
  readonly module: string
  /** `jobs.sendConfirmation` */
  readonly name: string
  /** Undefined where the application no longer declares it. */
  readonly declared: Queue | undefined
}

/** The queues that an application declares, and the modules that may hold others from earlier versions. */
export class QueueNames {
  readonly modules: readonly string[]
  readonly declared: ReadonlyMap<string, Queue>

  constructor(modules: readonly Module[]) {
    const kept = modules.filter(({ tables }) => tables !== undefined)
    this.modules = kept.map(({ contract }) => contract.name)
    this.declared = new Map(kept.flatMap(queuesOf).map((queue) => [queue.id, queue]))
  }

  /** Takes an id apart; whether a queue that is not declared holds anything is the caller's to find out.
   *  @throws MESSAGES_QUEUE_UNKNOWN when no module is named */
  parse(id: string): QueueName {
    const declared = this.declared.get(id)
    if (declared !== undefined) return { module: declared.module, name: declared.name, declared }
    const [module = ''] = id.split('.', 1)
    if (!this.modules.includes(module) || id.length <= module.length + 1) throw this.unknown(id)
    return { module, name: id.slice(module.length + 1), declared: undefined }
  }

  unknown(id: string): Error {
    return messagesQueueUnknown({ queue: id, nearest: nearestOf(id, [...this.declared.keys()]) })
  }

  /** @throws MESSAGES_QUEUE_UNKNOWN when the module has no messages */
  assertModule(module: string): void {
    if (!this.modules.includes(module)) throw this.unknown(module)
  }
}
