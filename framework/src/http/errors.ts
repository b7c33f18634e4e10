import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const httpRouteNotFound: ErrorDefinition<{ method: string; path: string }> = defineError(
  'HTTP_ROUTE_NOT_FOUND',
  'not_found',
  {
    message: ({ method, path }) => `nothing answers ${method} ${path}`,
    fix: 'Compare the path with /openapi.json; paths are case-sensitive and have no trailing slash.',
  },
)

export const httpMethodNotAllowed: ErrorDefinition<{
  method: string
  path: string
  allowed: string
}> = defineError('HTTP_METHOD_NOT_ALLOWED', 'invalid', {
  message: ({ method, path, allowed }) => `${path} answers ${allowed}, not ${method}`,
  fix: 'Use one of the methods that the Allow header names.',
})

export const httpMessageMalformed: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_MESSAGE_MALFORMED',
  'invalid',
  {
    message: ({ cause }) => `the HTTP message is not acceptable: ${cause}`,
    fix: 'Send a message that RFC 9112 allows; the connection was closed.',
  },
)

export const httpHeadersTooLarge: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_HEADERS_TOO_LARGE',
  'invalid',
  {
    message: ({ cause }) => `the header section is too large: ${cause}`,
    fix: 'Send fewer or shorter headers; large cookies are the usual reason.',
  },
)

export const httpRequestTimeout: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_REQUEST_TIMEOUT',
  'invalid',
  {
    message: ({ cause }) => `the request did not arrive in time: ${cause}`,
    fix: 'Send the whole request at once; nothing was done.',
  },
)

export const httpPathInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_PATH_INVALID',
  'invalid',
  {
    message: ({ cause }) => `the path ${cause}`,
    fix: 'Percent-encode each segment as UTF-8, once; send no empty, "." or ".." segment.',
  },
)

export const httpQueryInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_QUERY_INVALID',
  'invalid',
  {
    message: ({ cause }) => `the query string ${cause}`,
    fix: 'Percent-encode names and values as UTF-8, once, and name each field once.',
  },
)

export const httpFieldDuplicated: ErrorDefinition<{ field: string }> = defineError(
  'HTTP_FIELD_DUPLICATED',
  'invalid',
  {
    message: ({ field }) => `the field "${field}" is given in the path and again outside it`,
    fix: 'Give it in the path only.',
  },
)

export const httpBodyTooLarge: ErrorDefinition<{ bodyBytesMax: number }> = defineError(
  'HTTP_BODY_TOO_LARGE',
  'invalid',
  {
    message: ({ bodyBytesMax }) => `the body is larger than ${bodyBytesMax} bytes`,
    fix: 'Send less at once; the connection was closed.',
  },
)

export const httpBodyUnexpected: ErrorDefinition<{ method: string }> = defineError(
  'HTTP_BODY_UNEXPECTED',
  'invalid',
  {
    message: ({ method }) => `this ${method} takes no body`,
    fix: 'Give the fields in the path and the query string.',
  },
)

export const httpBodyConsumed: ErrorDefinition<{ operation: string }> = defineError(
  'HTTP_BODY_CONSUMED',
  'bug',
  {
    message: ({ operation }) => `the body for ${operation} was read before it came here`,
    fix: 'Mount the handler before what reads bodies, or leave the parsed body in request.body.',
  },
)

export const httpBodyInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_BODY_INVALID',
  'invalid',
  {
    message: ({ cause }) => `the body ${cause}`,
    fix: 'Send one JSON object in UTF-8, each key once.',
  },
)

export const httpContentTypeUnsupported: ErrorDefinition<{ contentType: string }> = defineError(
  'HTTP_CONTENT_TYPE_UNSUPPORTED',
  'invalid',
  {
    message: ({ contentType }) => `the body's content type is "${contentType}"`,
    fix: 'Send "Content-Type: application/json"; the only charset is utf-8.',
  },
)

export const httpContentEncodingUnsupported: ErrorDefinition<{ contentEncoding: string }> =
  defineError('HTTP_CONTENT_ENCODING_UNSUPPORTED', 'invalid', {
    message: ({ contentEncoding }) => `the body's content encoding is "${contentEncoding}"`,
    fix: 'Send the body unencoded.',
  })

export const httpAuthorizationInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_AUTHORIZATION_INVALID',
  'unauthenticated',
  {
    message: ({ cause }) => `the Authorization header ${cause}`,
    fix: 'Send "Authorization: Bearer <access token>", or no such header for a public operation.',
  },
)

export const httpTimeoutHeaderInvalid: ErrorDefinition<{ header: string; value: string }> =
  defineError('HTTP_TIMEOUT_HEADER_INVALID', 'invalid', {
    message: ({ header, value }) => `${header}: "${value}" is not a time within 1 ms to 10 min`,
    fix: 'Write "Request-Timeout: 250ms" or "X-Request-Timeout-Ms: 250", one of them.',
  })

export const httpIdempotencyKeyInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'HTTP_IDEMPOTENCY_KEY_INVALID',
  'invalid',
  {
    message: ({ cause }) => `the Idempotency-Key ${cause}`,
    fix: 'Send 1 to 255 printable ASCII characters, for example a UUID.',
  },
)

export const httpIdempotencyKeyMissing: ErrorDefinition<{ operation: string }> = defineError(
  'HTTP_IDEMPOTENCY_KEY_MISSING',
  'invalid',
  {
    message: ({ operation }) => `${operation} is only done under an idempotency key`,
    fix: 'Send "Idempotency-Key: <new UUID>", and the same one again when you retry.',
  },
)

export const httpClientDisconnected: ErrorDefinition<{ operation: string }> = defineError(
  'HTTP_CLIENT_DISCONNECTED',
  'cancelled',
  {
    message: ({ operation }) => `the client of ${operation} closed its connection`,
    fix: 'Nothing to do; a command may have happened, so repeat it only with the same key.',
  },
)

export const httpRouteDuplicated: ErrorDefinition<{
  route: string
  first: string
  second: string
}> = defineError('HTTP_ROUTE_DUPLICATED', 'invalid', {
  message: ({ route, first, second }) => `${first} and ${second} both answer ${route}`,
  fix: 'Give one of them another method or path.',
})

export const httpParameterUnknown: ErrorDefinition<{ operation: string; parameter: string }> =
  defineError('HTTP_PARAMETER_UNKNOWN', 'invalid', {
    message: ({ operation, parameter }) =>
      `${operation}: the path names {${parameter}}, which is no field of the input`,
    fix: 'Add the field to the input schema, or rename the path parameter.',
  })

export const httpListenFailed: ErrorDefinition<{ address: string; cause: string }> = defineError(
  'HTTP_LISTEN_FAILED',
  'unavailable',
  {
    message: ({ address, cause }) => `cannot listen on ${address}: ${cause}`,
    fix: 'Free the port (another process holds it), or choose another one.',
  },
)

export const httpCorsOriginInvalid: ErrorDefinition<{ origin: string }> = defineError(
  'HTTP_CORS_ORIGIN_INVALID',
  'invalid',
  {
    message: ({ origin }) => `"${origin}" is not one origin`,
    fix: 'List each origin exactly, such as "https://shop.example"; "*" and "null" are not accepted.',
  },
)
