/**
 * Identity: who a caller is. Issues and verifies access tokens (compact JWS, HMAC SHA-256) with a
 * bounded cache of verified ones; secrets can be replaced without a break. Not for passwords, login
 * pages or roles of a domain: those are modules.
 */
export * from './errors.ts'
export { createTokens, type Tokens, type TokensOptions } from './tokens.ts'
