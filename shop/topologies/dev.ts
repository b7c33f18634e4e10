import { topology } from 'banyan/topology'

/** Everything in one process: what `banyan dev` runs, and enough for a long while. */
export default topology({
  services: { app: { modules: '*' } },
})
