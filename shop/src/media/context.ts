import type { CommandContext, MessageContext } from 'banyan/module'
import { z } from 'zod'
import type { catalog } from '../catalog/contract.ts'
import type { mediaTables } from './rows.ts'

/** Settings: MEDIA_ABANDON_MS. */
export const mediaConfig = z.object({
  /** When an image whose file never arrived is forgotten, in ms; far longer than an upload may take. */
  abandonMs: z.coerce.number().int().min(10).max(604_800_000).default(3_600_000),
})

type Uses = readonly [typeof catalog]
type Config = z.output<typeof mediaConfig>

export type MediaContext = CommandContext<typeof mediaTables, Uses, Config>
export type MediaMessage = MessageContext<typeof mediaTables, Uses, Config>
