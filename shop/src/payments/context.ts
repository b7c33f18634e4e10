import type { BaseContext, CommandContext } from 'banyan/module'
import { secret } from 'banyan/schema'
import { z } from 'zod'
import type { paymentsTables } from './rows.ts'

/** Settings: PAYMENTS_PSP_URL and so on. */
export const paymentsConfig = z.object({
  pspUrl: z.url().default('http://127.0.0.1:4010'),
  pspSecret: secret(z.string().min(8)).default('psp-simulator'),
  /** Longest wait for one answer of the provider, in ms. */
  attemptMs: z.coerce.number().int().min(10).max(60_000).default(3_000),
  /** Questions per call, the first included. */
  attemptsMax: z.coerce.number().int().min(1).max(10).default(3),
})
export type PaymentsConfig = z.output<typeof paymentsConfig>

export type PaymentsContext = CommandContext<typeof paymentsTables, readonly [], PaymentsConfig>

/** What asking the provider takes. */
export type ProviderContext = Pick<
  BaseContext<PaymentsConfig>,
  'clock' | 'config' | 'fetch' | 'log' | 'random' | 'remainingMs' | 'signal'
>
