/** A small application that sends a mail for each thing that happened. */
import { z } from 'zod'
import { command, contract, event, query } from '../../contract/index.ts'
import { tables } from '../../data/index.ts'
import { type Application, application, module } from '../../module/index.ts'

const parcel = z.object({ parcelId: z.uuid() })

export const desk = contract('desk', {
  operations: {
    accept: command({ input: z.object({}), output: parcel, access: 'public' }),
  },
  events: {
    accepted: event({ version: 1, payload: parcel, key: ({ parcelId }) => parcelId }),
  },
})

export const post = contract('post', {
  operations: {
    recorded: query({
      input: z.object({}),
      output: z.object({ parcelIds: z.array(z.uuid()) }),
      access: 'public',
    }),
  },
})

const deskModule = module(desk, {
  tables: tables<{ parcel: { id: string } }>(new URL('./fixture-sql/desk/', import.meta.url)),
  handlers: {
    accept: (_input, ctx) =>
      ctx.transaction(async (tx) => {
        const parcelId = ctx.ids.next()
        await tx.insertInto('parcel').values({ id: parcelId }).execute()
        tx.publish(desk.events.accepted, { parcelId })
        return { parcelId }
      }),
  },
})

const postModule = module(post, {
  tables: tables<{ mail: { parcel_id: string } }>(new URL('./fixture-sql/post/', import.meta.url)),
  grants: ['mail'],
  handlers: {
    recorded: async (_input, { db }) => {
      const rows = await db.selectFrom('mail').select('parcel_id').execute()
      return { parcelIds: rows.map(({ parcel_id }) => parcel_id) }
    },
  },
  messages: ({ on }) => [
    on(
      desk.events.accepted,
      async ({ parcelId }, ctx) => {
        await ctx.mail.send({
          messageId: `accepted.${parcelId}@post.example`,
          from: { address: 'desk@post.example' },
          to: [{ address: 'zoe@example.org' }],
          subject: 'Your parcel',
          text: parcelId,
          date: new Date(0),
        })
        await ctx.transaction(async (tx) => {
          await tx.insertInto('mail').values({ parcel_id: parcelId }).execute()
        })
      },
      { attemptsMax: 1_000, retry: { firstMs: 20, maxMs: 200 } },
    ),
  ],
})

export const parcels: Application = application('parcels', { modules: [deskModule, postModule] })
