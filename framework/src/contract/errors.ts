import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const contractNameInvalid: ErrorDefinition<{ place: string; name: string }> = defineError(
  'CONTRACT_NAME_INVALID',
  'invalid',
  {
    message: ({ place, name }) => `${place}: "${name}" is not a usable name`,
    fix: 'Use lower camel case: a letter, then letters and digits, at most 63 characters.',
  },
)

export const contractRouteInvalid: ErrorDefinition<{
  place: string
  route: string
  cause: string
}> = defineError('CONTRACT_ROUTE_INVALID', 'invalid', {
  message: ({ place, route, cause }) => `${place}: the route "${route}" ${cause}`,
  fix: 'Write a method and a path, for example "GET /stock/{sku}", and name each {parameter} after a field of the input.',
})

export const contractFailureUnknown: ErrorDefinition<{
  place: string
  failure: string
  known: string
}> = defineError('CONTRACT_FAILURE_UNKNOWN', 'invalid', {
  message: ({ place, failure, known }) =>
    `${place} names the failure "${failure}"; declared: ${known}`,
  fix: 'Declare it under `failures` of the contract, or remove the name.',
})

export const contractAccessMissing: ErrorDefinition<{ place: string }> = defineError(
  'CONTRACT_ACCESS_MISSING',
  'invalid',
  {
    message: ({ place }) => `${place} declares no access rule`,
    fix: "Add access: 'public', 'internal', 'signed-in', or the roles that may call it.",
  },
)

export const contractTimeoutInvalid: ErrorDefinition<{ place: string; value: string }> =
  defineError('CONTRACT_TIMEOUT_INVALID', 'invalid', {
    message: ({ place, value }) => `${place}: timeout "${value}" is not within 1ms to 10m`,
    fix: "Write a duration such as '2s'.",
  })

export const contractBodyInvalid: ErrorDefinition<{ place: string; value: number }> = defineError(
  'CONTRACT_BODY_INVALID',
  'invalid',
  {
    message: ({ place, value }) => `${place}: bodyBytesMax ${value} is not within 1024 to 4194304`,
    fix: 'Send large things in parts, or as a file that is stored elsewhere.',
  },
)

export const contractSchemaOneWay: ErrorDefinition<{ place: string }> = defineError(
  'CONTRACT_SCHEMA_ONE_WAY',
  'invalid',
  {
    message: ({ place }) => `${place} has a transform that cannot be undone`,
    fix: 'Use z.codec(), which knows both directions, or transform in the handler: what crosses a border is read again on the other side.',
  },
)
