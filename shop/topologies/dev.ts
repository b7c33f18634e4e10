import { topology } from 'banyan/topology'

/** Everything in one process: what `banyan dev` runs, and enough for a long while. Pools are a little
 *  smaller than usual, so that a new instance fits beside the one that it replaces. */
export default topology({
  services: { app: { modules: '*', pool: { transactions: 5 } } },
})
