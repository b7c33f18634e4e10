import { module } from 'banyan/module'
import { secret } from 'banyan/schema'
import { z } from 'zod'
import { isClerkSecret } from './clerk-secret.ts'
import { identity } from './contract.ts'
import { identityTables } from './rows.ts'

const customerSessionMs = 12 * 3_600_000
const clerkSessionMs = 3_600_000

export const identityModule = module(identity, {
  tables: identityTables,
  grants: ['issueToken'],
  config: z.object({
    /** IDENTITY_CLERK_SECRET: without it, there are no clerks. */
    clerkSecret: secret(z.string().min(16)).optional(),
  }),
  handlers: {
    openSession: async (_input, ctx) => {
      const opened = await ctx.transaction(async (tx) => {
        const id = ctx.ids.next()
        const created_at = new Date(ctx.clock.nowMs())
        await tx.insertInto('customer').values({ id, kind: 'guest', created_at }).execute()
        return { customerId: id, openedMs: created_at.getTime() }
      })
      const { customerId, openedMs } = opened
      const principal = { subject: customerId, roles: ['customer'] }
      const token = ctx.issueToken(principal, customerSessionMs)
      return { token, customerId, expiresAt: new Date(openedMs + customerSessionMs) }
    },
    openClerkSession: ({ clerk, secret }, ctx) => {
      if (!isClerkSecret(secret, ctx.config.clerkSecret)) throw identity.failures.clerkRefused({})
      const principal = { subject: `clerk:${clerk}`, roles: ['clerk'] }
      const token = ctx.issueToken(principal, clerkSessionMs)
      return { token, expiresAt: new Date(ctx.clock.nowMs() + clerkSessionMs) }
    },
  },
})
