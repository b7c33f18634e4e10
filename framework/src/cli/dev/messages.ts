import type { Companion } from '../load-application.ts'

/** What the application's process tells `banyan dev`. The parent itself reads no settings and loads no
 *  application, so that it stays small. */
export type ToParent =
  /** Settings are read. */
  | {
      readonly type: 'configured'
      /** Folder of local state, absolute. */
      readonly stateFolder: string
      readonly databaseUrl: string | undefined
    }
  /** The application is loaded; it waits for `begin`. */
  | {
      readonly type: 'loaded'
      readonly name: string
      readonly modules: readonly string[]
      readonly needsDatabase: boolean
      readonly companions: readonly Companion[]
    }
  | { readonly type: 'ready'; readonly url: string }
  | {
      readonly type: 'failed'
      readonly error: Readonly<Record<string, unknown>> & { readonly code: string }
      /** The error as people read it. */
      readonly text: string
      readonly exitCode: number
      readonly isMendable: boolean
    }

/** What `banyan dev` tells the application's process: begin. */
export interface ToChild {
  readonly type: 'begin'
  /** Undefined when no module has tables. */
  readonly databaseUrl: string | undefined
}
