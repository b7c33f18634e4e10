/**
 * Contract: what modules may know of each other. Contracts are run-time values over zod 4 schemas;
 * their types are inferred on both sides of a call. From them come the compiled checks, OpenAPI 3.1,
 * AsyncAPI 3.0 and the compatibility diff. Not for handlers, transport or storage. Declaring performs no I/O.
 */
export { asyncApiDocument } from './asyncapi.ts'
export * from './compatibility/index.ts'
export { type Contract, type ContractOptions, contract, timeoutMsOf } from './contract.ts'
export * from './errors.ts'
export { type Event, event, type NamedEvent } from './event.ts'
export { type FileAnswer, fileAnswer } from './file-answer.ts'
export { type Failure, type FailureDefinition, type FailureKind, failure } from './failure.ts'
export { type OpenApiDocument, openApiDocument } from './openapi.ts'
export {
  type Access,
  type CallerInput,
  type CallerOutput,
  type CommandOptions,
  command,
  type HandlerInput,
  type HandlerOutput,
  type Operation,
  type OperationKind,
  type OperationOptions,
  query,
} from './operation.ts'
export { type HttpMethod, parseRoute, type Route, type RouteSegment } from './route.ts'
