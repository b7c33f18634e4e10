import { topologyInvalid } from './errors.ts'
import { bazaar } from './application.fixture.ts'
import type { TopologyDeclaration } from './declaration.ts'
import type { Plan } from './plan.ts'
import { planOf, type PlanOptions } from './plan-of.ts'
import type { Problem } from './problem.ts'

/** The layers above the file. */
export type Layers = Partial<Pick<PlanOptions, 'environment' | 'flags' | 'application'>>

/** Plans the sample application. */
export function planned(declaration: unknown, layers: Layers = {}): Plan {
  return planOf({
    application: bazaar,
    name: 'sample',
    topology: declaration as TopologyDeclaration,
    environment: {},
    flags: [],
    ...layers,
  })
}

/** What the plan of a declaration is refused for; empty when it is not. */
export function problemsIn(declaration: unknown, layers: Layers = {}): readonly Problem[] {
  try {
    planned(declaration, layers)
    return []
  } catch (error) {
    if (topologyInvalid.is(error)) return error.details.problems
    throw error
  }
}
