import { type Application, application } from '../../module/index.ts'
import { frontModule, middleModule, strangerModule } from './front.fixture.ts'
import { Observed } from './observed.fixture.ts'
import { storeModule } from './store.fixture.ts'

/** An application with one operation for each thing that a call can do. */
export interface ParityApplication {
  readonly application: Application
  /** What its handlers noticed, wherever they ran. */
  readonly observed: Observed
}

export function createParityApplication(): ParityApplication {
  const observed = new Observed()
  const modules = [storeModule(observed), middleModule(), frontModule(observed), strangerModule()]
  return { application: application('parity', { modules, roles: ['member'] }), observed }
}
