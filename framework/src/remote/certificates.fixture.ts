import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a certificate of a test is to be. */
export interface CertificateWish {
  /** Its SPIFFE id; none when empty. */
  readonly id: string
  /** From now; in the past for one that has expired. */
  readonly daysLeft?: number
  /** File name without extension of the authority; `authority` unless given. */
  readonly authority?: string
  /** More subject alternative names, as the openssl program writes them. */
  readonly names?: string
}

/** A folder of certificates made with the openssl program, as `banyan certs` lays it out. */
export class CertificateFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true })
  }

  /** Makes a self-signed authority `<name>.crt`, unless it stands. */
  authority(name: string = 'authority'): this {
    if (existsSync(this.#file(`${name}.crt`))) return this
    this.#newKey(name)
    this.#openssl(
      ...['req', '-x509', '-new', '-key', this.#file(`${name}.key`), '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', this.#file(`${name}.crt`)],
    )
    return this
  }

  /** Issues `<name>.crt` and `<name>.key`; each file appears whole, the key first. */
  issue(name: string, wish: CertificateWish): this {
    const { id, daysLeft = 1, authority = 'authority', names } = wish
    const draft = `${name}.draft`
    this.#newKey(draft)
    const subjects = [id === '' ? '' : `URI:${id}`, names ?? ''].filter((text) => text !== '')
    const lines = ['basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=serverAuth,clientAuth']
    if (subjects.length > 0) lines.push(`subjectAltName=${subjects.join(',')}`)
    writeFileSync(this.#file(`${draft}.ext`), lines.join('\n'))
    this.#openssl(
      ...['req', '-new', '-key', this.#file(`${draft}.key`), '-subj', `/CN=${name}`],
      ...['-out', this.#file(`${draft}.csr`)],
    )
    this.#openssl(
      ...['x509', '-req', '-in', this.#file(`${draft}.csr`), '-days', String(daysLeft)],
      ...['-CA', this.#file(`${authority}.crt`), '-CAkey', this.#file(`${authority}.key`)],
      ...['-CAcreateserial', '-extfile', this.#file(`${draft}.ext`)],
      ...['-out', this.#file(`${draft}.crt`)],
    )
    renameSync(this.#file(`${draft}.key`), this.#file(`${name}.key`))
    renameSync(this.#file(`${draft}.crt`), this.#file(`${name}.crt`))
    return this
  }

  #newKey(name: string): void {
    const file = this.#file(`${name}.key`)
    this.#openssl(
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-out',
      file,
    )
  }

  #file(name: string): string {
    return join(this.path, name)
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 })
  }
}
