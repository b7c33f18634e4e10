/** The called service: an instance of `orders`. It writes the directory in which its caller finds it,
 *  and with mutual TLS the certificates of both. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { calls, folder, startInstance, writeDirectory } from './instance.ts'

const certsMsMax = 20_000

/** Runs `banyan certs`, as anybody would. @throws Error when it fails */
function makeCertificates(): void {
  const banyan = fileURLToPath(new URL('../../../framework/src/cli/main.ts', import.meta.url))
  const project = fileURLToPath(new URL('.', import.meta.url))
  const args = ['--conditions=source', banyan, 'certs', project, '--services', 'desk,orders']
  const env = { ...process.env, BANYAN_FOLDER: folder }
  const made = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: certsMsMax })
  if (made.status !== 0) throw new Error(`banyan certs failed: ${made.stderr || made.stdout}`)
}

if (calls.mtls) makeCertificates()
writeDirectory([])
const runtime = await startInstance('orders')
writeDirectory([
  { id: 'orders-1-g1', service: 'orders', modules: ['orders'], endpoint: runtime.peers },
])

process.once('SIGTERM', () => {
  runtime.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
