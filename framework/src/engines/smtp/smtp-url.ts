import { smtpUrlInvalid } from './errors.ts'

/** How a connection to the server is encrypted: from its first byte, by STARTTLS or not at all. */
export type SmtpEncryption = 'implicit' | 'starttls' | 'none'

/** Where mails go. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  readonly encryption: SmtpEncryption
  readonly login: { readonly user: string; readonly password: string } | undefined
}

const defaultPorts = { implicit: 465, starttls: 587, none: 587 } as const

/** Reads `smtp://[user:password@]host[:port][?tls=required|none]` or `smtps://…`.
 *
 *  `smtps` encrypts from the first byte. `smtp` requires STARTTLS, except on this machine (`localhost`,
 *  127.0.0.0/8, ::1), where it sends as it is unless `tls=required`. `tls=none` sends unencrypted to
 *  anywhere, and is refused together with a password.
 *  @throws SMTP_URL_INVALID */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw smtpUrlInvalid({ problem: 'is not a URL' })
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') {
    throw smtpUrlInvalid({ problem: `begins with "${url.protocol}", not "smtp:" or "smtps:"` })
  }
  if (url.hostname === '') throw smtpUrlInvalid({ problem: 'names no host' })
  if (!['', '/'].includes(url.pathname)) throw smtpUrlInvalid({ problem: 'has a path' })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const encryption = readEncryption(url, host)
  const port = url.port === '' ? defaultPorts[encryption] : Number(url.port)
  const login = readLogin(url)
  if (login !== undefined && encryption === 'none' && !isLoopback(host)) {
    throw smtpUrlInvalid({ problem: 'would send a password unencrypted to another machine' })
  }
  return { host, port, encryption, login }
}

function readEncryption(url: URL, host: string): SmtpEncryption {
  for (const name of url.searchParams.keys()) {
    if (name !== 'tls') throw smtpUrlInvalid({ problem: `has an unknown parameter "${name}"` })
  }
  const wish = url.searchParams.get('tls') ?? (isLoopback(host) ? 'none' : 'required')
  if (wish !== 'required' && wish !== 'none') {
    throw smtpUrlInvalid({ problem: `asks for tls=${wish}, not "required" or "none"` })
  }
  if (url.protocol === 'smtps:') {
    if (url.searchParams.get('tls') === 'none') {
      throw smtpUrlInvalid({ problem: 'asks for smtps and for tls=none' })
    }
    return 'implicit'
  }
  return wish === 'required' ? 'starttls' : 'none'
}

function readLogin(url: URL): SmtpServer['login'] {
  if (url.username === '' && url.password === '') return undefined
  try {
    const user = decodeURIComponent(url.username)
    return { user, password: decodeURIComponent(url.password) }
  } catch {
    throw smtpUrlInvalid({ problem: 'has a user or a password that is not percent-encoded' })
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
