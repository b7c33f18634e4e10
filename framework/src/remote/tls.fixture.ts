import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateFolder } from './certificates.fixture.ts'
import { application } from './listener.fixture.ts'
import type { TlsMaterial, TlsSource } from './tls.ts'

/** A folder with an authority and certificates of the services that tests play. */
export class TestAuthority implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'certificates-'))
  readonly folder: CertificateFolder

  /** @param services  Each gets a certificate of its own name. */
  constructor(services: readonly string[]) {
    this.folder = new CertificateFolder(this.path).authority()
    for (const service of services) this.folder.issue(service, { id: spiffeId(service) })
  }

  /** What `<name>.crt` and its key prove, to peers who believe `<authority>.crt`. */
  material(name: string, authority = 'authority'): TlsMaterial {
    return {
      key: this.read(`${name}.key`),
      cert: this.read(`${name}.crt`),
      ca: this.read(`${authority}.crt`),
    }
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'latin1')
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export function spiffeId(service: string): string {
  return `spiffe://${application}/${service}`
}

/** A source that a test moves by hand. */
export class TestTls implements TlsSource {
  #material: TlsMaterial
  readonly #listeners = new Set<() => void>()

  constructor(material: TlsMaterial) {
    this.#material = material
  }

  get watchers(): number {
    return this.#listeners.size
  }

  current(): TlsMaterial {
    return this.#material
  }

  watch(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => void this.#listeners.delete(changed)
  }

  replace(material: TlsMaterial): void {
    this.#material = material
    for (const listener of this.#listeners) listener()
  }
}
