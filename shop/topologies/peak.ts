import { topology } from 'banyan/topology'

/** The busiest days: everything at least twice, so that any one instance may die. Pools are small, for
 *  there are many, and old and new instances must fit side by side when the topology is changed. */
export default topology({
  services: {
    edge: { runs: ['http'], instances: 2 },
    catalog: { modules: ['catalog', 'media'], instances: 2, pool: { readers: 1, transactions: 1 } },
    sales: {
      modules: ['cart', 'checkout', 'orders', 'inventory'],
      instances: 2,
      pool: { readers: 1, transactions: 3 },
    },
    money: {
      modules: ['payments', 'ledger'],
      instances: 2,
      pool: { readers: 1, transactions: 2 },
    },
    identity: { modules: ['identity'], instances: 2, pool: { readers: 1, transactions: 2 } },
    work: {
      modules: ['notifications', 'purchasing'],
      instances: 2,
      pool: { readers: 1, transactions: 1 },
    },
  },
  calls: { transport: 'tcp', mtls: true },
  gateway: { engine: 'haproxy' },
  availability: true,
})
