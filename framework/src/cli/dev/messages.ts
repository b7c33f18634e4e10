import type { Companion } from '../load-application.ts'

/** What the application's process tells `banyan dev`. */
export type ToParent =
  | {
      readonly type: 'loaded'
      readonly name: string
      readonly modules: readonly string[]
      readonly companions: readonly Companion[]
    }
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'failed'; readonly text: string }

/** What `banyan dev` tells the application's process: begin. */
export interface ToChild {
  readonly type: 'begin'
  readonly databaseUrl: string
}
