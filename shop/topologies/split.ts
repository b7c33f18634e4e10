import { topology } from 'banyan/topology'

/** What changes together stays together: the way to an order is one service, money another. Browsing
 *  and signing in go on when these are busy, and what can wait (mail, new stock) holds up nobody. An
 *  edge without modules takes requests from outside. */
export default topology({
  services: {
    edge: { runs: ['http'], instances: 2 },
    catalog: { modules: ['catalog', 'media'], pool: { readers: 3, transactions: 1 } },
    sales: {
      modules: ['cart', 'checkout', 'orders', 'inventory'],
      instances: 2,
      pool: { readers: 2, transactions: 4 },
    },
    money: { modules: ['payments', 'ledger'], pool: { readers: 2, transactions: 4 } },
    identity: { modules: ['identity'], pool: { readers: 1, transactions: 3 } },
    work: { modules: ['notifications', 'purchasing'], pool: { readers: 1, transactions: 1 } },
  },
  gateway: { engine: 'haproxy' },
})
