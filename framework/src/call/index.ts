/**
 * Call: the pipeline that every call of an operation runs through, compiled at boot. Access,
 * admission, checked copies both ways, a child context with a deadline, declared failures, a span
 * and a record: the same in one process as between processes. It knows storage only as a port, and
 * never transports bytes. Not for HTTP (room http) or for retries.
 */
export { type CallsOptions, type CompiledCalls, compileCalls, type Runner } from './calls.ts'
export * from './errors.ts'
export {
  createExternalCaller,
  type ExternalCaller,
  type ExternalCallerOptions,
} from './external-caller.ts'
export { type FailureTable, withoutInternals } from './failures.ts'
export { issueTexts } from './issues.ts'
export type { CompiledOperation } from './operation.ts'
export { HandlerContext } from './handler-context.ts'
export { KeyScope } from './key-scope.ts'
export type { MessagePort } from './message-port.ts'
export {
  type ModuleWork,
  performWork,
  type PerformedRun,
  type PerformedWork,
  runModuleWork,
} from './recurring-work.ts'
export { createReceiver } from './received-calls.ts'
export type { IncomingCall, ReceivedCall, Receiver, ReplySink } from './receiver.ts'
export type { OutgoingCall, Sender } from './sender.ts'
export type { Claim, Storage } from './storage.ts'
