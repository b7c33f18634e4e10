import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { OperationRequest } from './provider.ts'

const bodyBytesMax = 16_384
const amount = z
  .string()
  .regex(/^[1-9]\d{0,17}$/)
  .transform(BigInt)
const authoriseBody = z.strictObject({
  reference: z.string().min(1).max(100),
  amountMinor: amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  instrument: z.string().regex(/^tok_[a-z0-9_]{1,60}$/),
})
const refundBody = z.strictObject({ amountMinor: amount })

/** The body of a request as JSON; undefined when it is empty, too long or none. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
}

/** The operation that a POST asks for, or undefined when it is none or ill-formed. */
export function tryParseOperation(path: string, body: unknown): OperationRequest | undefined {
  if (path === '/payments') {
    const parsed = authoriseBody.safeParse(body)
    return parsed.success ? { operation: 'authorise', ...parsed.data } : undefined
  }
  const match = /^\/payments\/(pay_\d{1,12})\/(capture|void|refund)$/.exec(path)
  const [, id, operation] = match ?? []
  if (id === undefined) return undefined
  if (operation === 'capture' || operation === 'void') return { operation, id }
  const parsed = refundBody.safeParse(body)
  return parsed.success ? { operation: 'refund', id, ...parsed.data } : undefined
}
