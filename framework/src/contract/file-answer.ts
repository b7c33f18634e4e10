import { z } from 'zod'

/** The output of an operation that answers HTTP with a file: `bytes` become the body under
 *  `contentType`, instead of JSON. To other modules the operation answers with this object, as any other
 *  does; between services it travels as JSON, so that it is bounded as every call is (4 MiB of text,
 *  about 3 MB of bytes). Use this very schema: one that is derived from it answers with JSON. */
export const fileAnswer: z.ZodObject<{
  contentType: z.ZodString
  bytes: z.ZodCustom<Uint8Array, Uint8Array>
}> = z.object({
  contentType: z
    .string()
    .max(128)
    .regex(/^[a-z]+\/[a-z0-9.+-]+(?:; charset=utf-8)?$/),
  bytes: z.instanceof(Uint8Array),
})

/** A file as an answer. */
export type FileAnswer = z.output<typeof fileAnswer>
