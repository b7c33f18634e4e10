import { numberParser } from '@stricli/core'

const folderParameter = {
  brief: 'folder of the application, which holds banyan.ts; the current one unless given',
  parse: String,
  placeholder: 'folder',
  default: '.',
} as const

/** The folder as the only argument. */
export const folderOnly = { kind: 'tuple', parameters: [folderParameter] } as const

/** The folder as the last argument. */
export const folderLast = folderParameter

/** Machine-readable output. */
export const json = { kind: 'boolean', brief: 'print JSON', optional: true } as const

/** A text that may be left away. */
export function text(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: String, brief, placeholder, optional: true } as const
}

export const host = text('address to listen on (setting BANYAN_HOST)', 'address')

export const port = {
  kind: 'parsed',
  parse: numberParser,
  brief: 'port to listen on, 0 picks one (setting BANYAN_PORT)',
  placeholder: 'port',
  optional: true,
} as const
