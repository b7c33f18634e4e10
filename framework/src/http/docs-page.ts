import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The API page as one document, and the policy under which a browser may run it. */
export interface DocsPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/** The page's script in parts, each after those it imports. */
const scripts: readonly string[] = [
  'elements.js',
  'schema-tree.js',
  'schema-example.js',
  'request.js',
  'try-form.js',
  'operation-card.js',
  'page.js',
]

/** Reads the page's files and joins them; nothing is fetched from elsewhere, so that it works
 *  without a network. Its style and script are allowed by their hashes. */
export function loadDocsPage(): DocsPage {
  const style = read('page.css')
  const script = `'use strict'\n{\n${scripts.map(readScript).join('\n')}}\n`
  const html = read('page.html')
    .replace('/* style */', () => style)
    .replace('/* script */', () => script)
  const contentSecurityPolicy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, contentSecurityPolicy }
}

/** A part without its imports and exports: all parts stand in one scope. */
function readScript(file: string): string {
  return read(file)
    .replace(/^import .*$/gm, '')
    .replace(/^export /gm, '')
}

function read(file: string): string {
  return readFileSync(new URL(`./docs-page/${file}`, import.meta.url), 'utf8')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
