import { command, contract, failure } from 'banyan/contract'
import { z } from 'zod'

const sessionSchema = z.object({ token: z.string(), expiresAt: z.date() })

/** Who may act in the shop: guests who opened a session, and clerks who know the shop's secret. */
export const identity = contract('identity', {
  failures: {
    clerkRefused: failure('forbidden', z.object({}), () => 'this is not the secret of a clerk'),
  },
  operations: {
    openSession: command({
      summary: 'Opens the session of a guest: a customer who has proved nothing but this token.',
      input: z.object({}),
      output: sessionSchema.extend({ customerId: z.string() }),
      http: 'POST /sessions',
      status: 201,
      access: 'public',
    }),
    openClerkSession: command({
      summary: 'Exchanges the secret of the shop for the session of a clerk.',
      input: z.object({
        clerk: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
        secret: z.string().max(200),
      }),
      output: sessionSchema,
      http: 'POST /sessions/clerk',
      status: 201,
      access: 'public',
      failures: ['clerkRefused'],
    }),
  },
})
