import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { FakeClock } from '../../kernel/index.ts'
import { type EnsuredCertificates, type EnsureOptions, ensureCertificates } from './index.ts'

export const dayMs = 86_400_000

/** A folder of certificates for tests, gone when disposed, under a clock that starts now. */
export class Certificates implements Disposable {
  readonly root: string = mkdtempSync(path.join(tmpdir(), 'banyan-authority-'))
  readonly folder: string
  readonly clock: FakeClock

  /** @param startMs  where the clock starts; now unless given. */
  constructor(startMs: number = Date.now()) {
    this.folder = path.join(this.root, 'certs')
    this.clock = new FakeClock(startMs)
  }

  /** Ensures a certificate of `sales`, unless told otherwise. */
  ensure(options: Partial<EnsureOptions> = {}): Promise<EnsuredCertificates> {
    const { folder, clock } = this
    return ensureCertificates({
      folder,
      application: 'shop',
      services: ['sales'],
      clock,
      ...options,
    })
  }

  file(name: string): string {
    return path.join(this.folder, name)
  }

  read(name: string): string {
    return readFileSync(this.file(name), 'utf8')
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text, { mode: 0o600 })
  }

  remove(name: string): void {
    rmSync(this.file(name))
  }

  /** The last three octal digits. */
  modeOf(name: string): string {
    return (statSync(this.file(name)).mode & 0o777).toString(8)
  }

  list(): readonly string[] {
    return readdirSync(this.folder).sort()
  }

  certificate(service: string): X509Certificate {
    return new X509Certificate(this.read(`${service}.crt`))
  }

  /** What peers trust, oldest first. */
  trusted(): readonly X509Certificate[] {
    return this.read('authority.crt')
      .split(/(?<=END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem))
  }

  /** Why a peer with this folder would not believe a service; undefined when it would. */
  findFlaw(service: string): string | undefined {
    const certificate = this.certificate(service)
    const key = createPrivateKey(this.read(`${service}.key`))
    if (!certificate.checkPrivateKey(key)) return 'the key is another one'
    const isTrusted = this.trusted().some(
      (issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
    )
    return isTrusted ? undefined : 'nobody trusts its issuer'
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
