import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { EnsuredCertificates } from '../engines/authority/index.ts'
import { banyan } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

/** Runs `banyan certs` on a project. */
const certs = (project: ProjectFolder, ...args: readonly string[]) =>
  banyan(['certs', project.root, ...args])

const fileOf = (project: ProjectFolder, name: string): string =>
  path.join(project.stateFolder, 'certs', name)

const readCertificate = (project: ProjectFolder, name: string): X509Certificate =>
  new X509Certificate(readFileSync(fileOf(project, name), 'utf8'))

test('certs makes an authority and certificates, and says who, until when and where', async () => {
  using project = new ProjectFolder()
  const { exitCode, stdout, stderr } = await certs(project, '--services', 'edge, sales')
  assert.equal(exitCode, 0, stderr)
  const [head = '', authority = '', edge = '', sales = '', ...rest] = stdout.trim().split('\n')
  assert.match(head, /^service +name +expires +file +state$/)
  assert.match(
    authority,
    /^\(authority\) +spiffe:\/\/library +\d.*\(365 d\) +\S+authority\.crt +new$/,
  )
  assert.match(edge, /^edge +spiffe:\/\/library\/edge +\d.*\(30 d\) +\S+edge\.crt +new$/)
  assert.match(sales, /^sales +spiffe:\/\/library\/sales /)
  assert.deepEqual(rest, [])
  const certificate = readCertificate(project, 'edge.crt')
  assert.ok(certificate.verify(readCertificate(project, 'authority.crt').publicKey))
  assert.equal(statSync(fileOf(project, 'edge.key')).mode & 0o777, 0o600)
})

test('certs keeps what is good, for the services that are there', async () => {
  using project = new ProjectFolder()
  await certs(project, '--services', 'edge', '--lifetime', '7d')
  const before = readFileSync(fileOf(project, 'edge.crt'), 'utf8')
  const { stdout } = await certs(project, '--json')
  const report = JSON.parse(stdout) as EnsuredCertificates & { readonly schema: string }
  assert.equal(report.schema, 'banyan.certs/1')
  assert.deepEqual(report.authority.step, 'none')
  const [row] = report.certificates
  assert.deepEqual(
    [row?.service, row?.name, row?.issued],
    ['edge', 'spiffe://library/edge', undefined],
  )
  assert.ok((row?.expiresMs ?? 0) < Date.now() + 7.1 * 86_400_000)
  assert.equal(readFileSync(fileOf(project, 'edge.crt'), 'utf8'), before)
  const { stdout: renewed } = await certs(project, '--renew')
  assert.match(renewed, /^edge .* renewed$/m)
  assert.notEqual(readFileSync(fileOf(project, 'edge.crt'), 'utf8'), before)
})

test('certs --renew-authority changes the authority in steps, to the end', async () => {
  using project = new ProjectFolder()
  await certs(project, '--services', 'edge')
  const before = readCertificate(project, 'authority.crt').fingerprint256
  const { exitCode, stdout, stderr } = await certs(
    project,
    '--renew-authority',
    '--settle',
    '100ms',
  )
  assert.equal(exitCode, 0, stderr)
  assert.match(stderr, /^waiting until instances trust .*\nwaiting until instances show /)
  assert.match(stdout, /^\(authority\) .* renewed; the old one is forgotten$/m)
  assert.match(stdout, /^edge .* new: the authority has changed$/m)
  const after = readCertificate(project, 'authority.crt')
  assert.notEqual(after.fingerprint256, before)
  assert.ok(readCertificate(project, 'edge.crt').verify(after.publicKey))
})

test('an old authority that a service still needs is told', async () => {
  using project = new ProjectFolder()
  await certs(project, '--services', 'edge,sales')
  const args = ['--services', 'edge', '--renew-authority', '--settle', '0ms']
  const { stdout } = await certs(project, ...args)
  assert.match(stdout, /^An old authority stays trusted: a service that is not named/m)
})

test('certs --topology makes the certificates of its services, in the folder around it', async () => {
  using project = new ProjectFolder({
    'topologies/split.ts': `import { topology } from 'banyan/topology'

export default topology({
  services: { edge: { runs: ['http'] }, books: { modules: '*' } },
  calls: { transport: 'tcp', mtls: true },
})
`,
  })
  const args = ['certs', '--topology', path.join(project.root, 'topologies/split.ts')]
  const { exitCode, stderr } = await banyan(args)
  assert.equal(exitCode, 0, stderr)
  for (const name of ['edge', 'books']) {
    assert.equal(readCertificate(project, `${name}.crt`).ca, false)
  }
})

test('certs without any service is told so, and makes nothing', async () => {
  using project = new ProjectFolder()
  const { exitCode, stderr } = await certs(project)
  assert.equal(exitCode, 2)
  assert.match(stderr, /^CLI_SERVICES_MISSING .*\n {2}fix {3}Name them/)
  assert.equal(existsSync(project.stateFolder), false)
})

test('certs refuses what it cannot trust with a code, a fix and exit code 78', async () => {
  using project = new ProjectFolder()
  await certs(project, '--services', 'edge')
  chmodSync(fileOf(project, 'authority.key'), 0o644)
  const exposed = await certs(project)
  assert.equal(exposed.exitCode, 78)
  assert.match(exposed.stderr, /^AUTHORITY_KEY_EXPOSED .*\n {2}fix {3}.*chmod 600/)
  const short = await certs(project, '--lifetime', '1s')
  assert.match(short.stderr, /^AUTHORITY_OPTION_INVALID {2}lifetimeMs is 1000/)
})
