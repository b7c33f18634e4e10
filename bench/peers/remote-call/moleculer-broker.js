// A Moleculer broker on its TCP transporter: JSON, no logger, no validator, no internal services, no
// tracing, no metrics; the two nodes know each other by address instead of by UDP broadcast.
import { Server } from 'node:net'
import moleculer from 'moleculer'

/** The transporter has no setting for its address and listens on every interface. */
function listenOnLoopbackOnly() {
  const { listen } = Server.prototype
  Server.prototype.listen = function listenOnLoopback(options, ...rest) {
    return listen.call(this, { host: '127.0.0.1', ...options }, ...rest)
  }
}

export function createBroker(nodeID, urls) {
  listenOnLoopbackOnly()
  return new moleculer.ServiceBroker({
    nodeID,
    logger: false,
    transporter: {
      type: 'TCP',
      options: { udpDiscovery: false, urls, gossipPeriod: 1, useHostname: false },
    },
    validator: false,
    internalServices: false,
  })
}
