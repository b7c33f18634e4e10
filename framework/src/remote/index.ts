/**
 * Remote: the road between instances. A router takes each call to the less busy of two instances of its
 * module, waits for one in order, sends it again where that is legal and a budget allows it, and leaves
 * out instances that do not answer. Two carriers take it there, `frames` (many calls at once over one
 * connection) and `post` (one HTTP request each); a listener runs what arrives, for peers whom the policy
 * lets. It carries calls and adds no meaning to them: what they are is room call's, where instances are
 * placed is decided elsewhere and read from a directory. Not for clients from outside (room http), and
 * not for events. Everything has a bound: calls in flight per instance, calls that wait, attempts,
 * retries, bytes.
 */
export { createDirectory, type SettableDirectory } from './directory.ts'
export { watchDirectoryFile, type WatchedDirectory } from './directory-file.ts'
export * from './errors.ts'
export { createFramesCarrier } from './frames/frames-carrier.ts'
export type { PeerListener } from './listener-options.ts'
export { startPeerListener } from './peer-listener.ts'
export { peerPolicy } from './peer-policy.ts'
export type {
  Carrier,
  Directory,
  Endpoint,
  InstanceAddress,
  Link,
  LinkEvents,
  Peer,
  PeerPolicy,
} from './port.ts'
export { createPostCarrier } from './post/post-carrier.ts'
export { createRouter, type InstanceState, type Router } from './router.ts'
export type { RouterOptions } from './router-options.ts'
export { type TlsSource, watchCertificates, type WatchedCertificates } from './tls.ts'
