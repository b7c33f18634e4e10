/**
 * Module: the unit of ownership. `module()` joins a contract with its handlers, tables, settings and
 * the contracts it uses; `application()` checks that modules fit together and refuses cycles. Both
 * are pure: nothing runs, nothing is registered. Not for calling (room call) or for storage.
 */
export { type Application, type ApplicationOptions, application } from './application.ts'
export type {
  AnyContract,
  BaseContext,
  CallOptions,
  Calls,
  CommandContext,
  ContractCalls,
  ContractQueries,
  Log,
  LogFields,
  QueryCalls,
  QueryContext,
  TransactionOptions,
} from './context.ts'
export { type Cron, type CronOptions, cron } from './cron.ts'
export type { Tick } from './cron-timing.ts'
export type { DataSource, NoDataSource } from './data-source.ts'
export * from './errors.ts'
export type {
  FileContent,
  FileEntry,
  FileInfo,
  FilePage,
  FilePutOptions,
  FileRange,
  FileReader,
  Files,
  StoredFile,
} from './files.ts'
export { type Job, type JobOptions, job } from './job.ts'
export { graphOf, printGraph, type UseGraph } from './graph.ts'
export type {
  Mail,
  MailAddress,
  MailAttachment,
  MailReceipt,
  MailSender,
  RefusedRecipient,
} from './mail.ts'
export type { CurrentMessage, MessageContext } from './message-context.ts'
export type {
  JobHandler,
  MessageDeclaration,
  MessageDeclarations,
  Perform,
  PerformOptions,
  Subscription,
  SubscriptionOptions,
} from './message-handlers.ts'
export {
  type Grant,
  type Module,
  type ModuleOptions,
  module,
  type Schedule,
  type UntypedHandler,
} from './module.ts'
export type { EnqueueOptions, Outbox } from './outbox.ts'
