import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSystemClock } from '../../kernel/index.ts'
import { CertificateFolder } from '../certificates.fixture.ts'
import { application, eventually, Peers, TestCall, TestLink } from '../listener.fixture.ts'
import type { PeerListener } from '../listener-options.ts'
import type { InstanceAddress } from '../port.ts'
import { watchCertificates, type WatchedCertificates } from '../tls.ts'
import { createPostCarrier } from './post-carrier.ts'

const clock = createSystemClock()

interface Fixture extends AsyncDisposable {
  readonly peers: Peers
  readonly certificates: CertificateFolder
  readonly listener: PeerListener
  /** The services that callers proved to be. */
  readonly callers: ReadonlySet<string>
  /** Opens a link as `edge` to what it takes for an instance of `service`. */
  connect(service?: string): TestLink
}

/** A listener of `sales` with mutual TLS, and a caller with a certificate of `edge`. */
async function open(): Promise<Fixture> {
  const stack = new AsyncDisposableStack()
  const peers = stack.use(new Peers())
  const certificates = new CertificateFolder(join(peers.folder, 'certificates'))
  certificates.authority()
  for (const service of ['sales', 'edge']) {
    certificates.issue(service, { id: `spiffe://${application}/${service}` })
  }
  const follow = async (service: string): Promise<WatchedCertificates> =>
    stack.use(await watchCertificates({ folder: certificates.path, service, clock }))
  const [own, caller] = [await follow('sales'), await follow('edge')]
  const callers = new Set<string>()
  const listener = await peers.listen({
    tls: own,
    policy: ({ service, isProved }) => {
      if (isProved) callers.add(service)
      return undefined
    },
  })
  const connect = (service = 'sales'): TestLink => {
    const { endpoint } = listener
    const address: InstanceAddress = { id: 'sales-1', service, modules: ['inventory'], endpoint }
    const carrier = createPostCarrier({ clock, service: 'edge', application, tls: caller })
    const link = new TestLink()
    link.attach(carrier.open(address, link))
    stack.defer(() => link.link.close(0))
    return link
  }
  return {
    ...{ peers, certificates, listener, callers, connect },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

test('posted calls pass mutual TLS, and the listener knows the service by its certificate', async () => {
  await using fixture = await open()
  const link = fixture.connect()
  await link.isOpen
  assert.equal(await link.call('{"sku":"a"}'), 'answered {"sku":"a"}')
  assert.deepEqual([...fixture.callers], ['edge'])
})

test('an instance that proves to be of another service is not called', async () => {
  await using fixture = await open()
  const link = fixture.connect('money')
  assert.match(await link.isClosed, /it is an instance of sales/)
  assert.equal(fixture.peers.receiver.received, 0)
})

test('new certificates are taken for new connections while calls go on, and none is lost', async () => {
  await using fixture = await open()
  const link = fixture.connect()
  await link.isOpen
  const ends: Promise<string>[] = []
  const call = (): void => {
    const made = new TestCall()
    if (link.link.send(made)) ends.push(made.end)
  }
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 20; count++) {
      call()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    // another name each time, so that the listener can tell them apart
    fixture.certificates.issue('edge', { id: `spiffe://${application}/edge-${round}` })
  }
  for (let tries = 0; tries < 50 && !fixture.callers.has('edge-2'); tries++) {
    call()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.ok(fixture.callers.has('edge') && fixture.callers.has('edge-2'))
  const told = await Promise.all(ends)
  assert.ok(told.length > 40 && told.every((end) => end === 'answered {}'), told.join())
  assert.deepEqual(link.told, ['opened'])
  await eventually(() => link.link.inFlight === 0, 'all ended')
})
