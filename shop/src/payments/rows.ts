import { tables } from 'banyan/data'
import type { Selectable } from 'kysely'
import type { Currency } from '../money/index.ts'
import type { PaymentState } from './contract.ts'

export interface PaymentRow {
  readonly id: string
  readonly reference: string
  readonly state: PaymentState
  readonly amount_minor: bigint | null
  readonly currency: Currency | null
  readonly instrument: string | null
  readonly provider_id: string | null
  readonly decline_reason: string | null
  readonly updated_at: Date
}

export type Payment = Selectable<PaymentRow>

export interface PaymentsRows {
  readonly payment: PaymentRow
}

export const paymentsTables = tables<PaymentsRows>(new URL('./sql/', import.meta.url))
