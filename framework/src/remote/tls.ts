import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { remoteCertificatesInvalid } from './errors.ts'

/** What a service proves itself with, and whom it believes; PEM texts. */
export interface TlsMaterial {
  readonly key: string
  /** Its certificate, and those between it and the authority, if any. */
  readonly cert: string
  /** One or more authorities: two while one replaces the other. */
  readonly ca: string
}

/** Where certificates come from; they are replaced while the system runs. */
export interface TlsSource {
  current(): TlsMaterial
  /** Calls `changed` after each replacement; the returned function ends that. */
  watch(changed: () => void): () => void
}

/** A source that reads files until it is disposed. */
export interface WatchedCertificates extends TlsSource, AsyncDisposable {}

export interface CertificateFiles {
  /** Holds `authority.crt`, `<service>.crt` and `<service>.key`, as `banyan certs` writes them. */
  readonly folder: string
  readonly service: string
  readonly clock: Clock
  readonly telemetry?: Telemetry
}

/** Files are looked at this often, besides what the file system reports by itself. */
const pollMs = 5_000
const fileBytesMax = 64 * 1024

/** Reads the certificates of a service and reads them again when they change. A set that does not
 *  fit together, as while it is being written, is left alone until it does.
 *  @throws REMOTE_CERTIFICATES_INVALID when the first reading finds no usable set.
 *  A change is seen when the file system reports it, at the latest after 5 s. */
export async function watchCertificates(options: CertificateFiles): Promise<WatchedCertificates> {
  const material = await readMaterial(options)
  const cause = findMaterialError(material, options.clock.nowMs())
  if (cause !== undefined) throw invalid(options, cause)
  return new FileSource(options, material)
}

class FileSource implements WatchedCertificates {
  readonly #options: CertificateFiles
  readonly #listeners = new Set<() => void>()
  readonly #watcher: FSWatcher | undefined
  #material: TlsMaterial
  #timer: Timer | undefined
  #reading: Promise<void> | undefined
  #isAskedAgain = false
  #refused = ''
  #isClosed = false

  constructor(options: CertificateFiles, material: TlsMaterial) {
    this.#options = options
    this.#material = material
    this.#watcher = tryWatch(options.folder, () => this.#look())
    this.#schedule()
  }

  current(): TlsMaterial {
    return this.#material
  }

  watch(changed: () => void): () => void {
    // wrapped, so that one function given twice is heard twice
    const listener = (): void => changed()
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#timer?.stop()
    this.#watcher?.close()
    this.#listeners.clear()
    await this.#reading
  }

  #schedule(): void {
    const { clock } = this.#options
    this.#timer = clock.after(pollMs, () => this.#poll(), { background: true })
  }

  #poll(): void {
    this.#look()
    this.#schedule()
  }

  /** One reading at a time; what is reported meanwhile causes one more. */
  #look(): void {
    if (this.#reading !== undefined) this.#isAskedAgain = true
    else {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
        if (!this.#isAskedAgain || this.#isClosed) return
        this.#isAskedAgain = false
        this.#look()
      })
    }
  }

  async #read(): Promise<void> {
    let material: TlsMaterial
    try {
      material = await readMaterial(this.#options)
    } catch (error) {
      return this.#refuse(error instanceof Error ? error.message : String(error))
    }
    if (this.#isClosed || isSame(material, this.#material)) return
    const cause = findMaterialError(material, this.#options.clock.nowMs())
    if (cause !== undefined) return this.#refuse(cause)
    this.#material = material
    this.#refused = ''
    for (const listener of this.#listeners) listener()
  }

  /** Says once why a new set is not taken; a set that is half written is seen often. */
  #refuse(cause: string): void {
    if (this.#isClosed || this.#refused === cause) return
    this.#refused = cause
    const { folder, service, telemetry } = this.#options
    const { code, message } = remoteCertificatesInvalid({ folder, service, cause })
    telemetry?.logs.log('warn', { code }, `${message}; the ones read before stay in use`)
  }
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  return one.key === other.key && one.cert === other.cert && one.ca === other.ca
}

/** The watcher is a convenience: where it fails, polling finds the change. */
function tryWatch(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, changed)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}

async function readMaterial(options: CertificateFiles): Promise<TlsMaterial> {
  const { folder, service } = options
  try {
    const [key, cert, ca] = await Promise.all([
      readText(join(folder, `${service}.key`)),
      readText(join(folder, `${service}.crt`)),
      readText(join(folder, 'authority.crt')),
    ])
    return { key, cert, ca }
  } catch (error) {
    throw invalid(options, error instanceof Error ? error.message : String(error), error)
  }
}

async function readText(path: string): Promise<string> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(fileBytesMax), 0, fileBytesMax, 0)
  return buffer.toString('latin1', 0, bytesRead)
}

/** Why a set cannot be used at a moment, or undefined. */
export function findMaterialError(material: TlsMaterial, nowMs: number): string | undefined {
  try {
    const [leaf, ...between] = certificatesOf(material.cert)
    const authorities = certificatesOf(material.ca)
    if (leaf === undefined) return 'the certificate file holds no certificate'
    if (!leaf.checkPrivateKey(createPrivateKey(material.key))) {
      return 'the key does not belong to the certificate'
    }
    const issued = [...between, ...authorities].some(
      (issuer) => leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey),
    )
    if (!issued) return 'the certificate was not issued by the authority beside it'
    if (Date.parse(leaf.validTo) <= nowMs) return `the certificate expired on ${leaf.validTo}`
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}

function invalid({ folder, service }: CertificateFiles, cause: string, error?: unknown): Error {
  return remoteCertificatesInvalid({ folder, service, cause }, { cause: error })
}
