import { placementOf } from './placements.ts'

/** How the modules of an application under test are run and call each other.
 *  - `inline`: one instance, as in one process.
 *  - `wire`: one instance; each call crosses as text, its first answer is lost, its second request
 *    arrives twice.
 *  - `split`: several instances that call each other over real sockets.
 *  - `split-kill`: the same with two instances per service, which are killed while they work. */
export type TestRunner = 'inline' | 'wire' | 'split' | 'split-kill'

/** All runners, the quickest first. */
export const testRunners: readonly TestRunner[] = ['inline', 'wire', 'split', 'split-kill']

/** The runner of one application: what TEST_RUNNER says, where the test allows it.
 *  @param allowed  One runner, or those that the test allows, the one for all other cases first; all of
 *    them and `inline` unless given.
 *  @throws Error for a TEST_RUNNER that is none */
export function chooseRunner(allowed: TestRunner | readonly TestRunner[] | undefined): TestRunner {
  if (typeof allowed === 'string') return allowed
  const [first = 'inline'] = allowed ?? []
  const wanted = process.env['TEST_RUNNER'] ?? ''
  if (wanted === '') return first
  const runner = testRunners.find((known) => known === wanted)
  if (runner === undefined) {
    throw new Error(`TEST_RUNNER is "${wanted}"; it may be one of: ${testRunners.join(', ')}`)
  }
  return allowed === undefined || allowed.includes(runner) ? runner : first
}

/** The groups of modules that are services: the given ones, else what TEST_SERVICES says
 *  (`cart,catalog|orders`, or `#7` for the seventh of the generated placements), else every module apart.
 *  @throws Error when a module is in none, in two, or unknown */
export function chooseServices(
  modules: readonly string[],
  given: readonly (readonly string[])[] | undefined,
): readonly (readonly string[])[] {
  const groups = given ?? servicesOfEnvironment(modules) ?? modules.map((module) => [module])
  const placed = groups.flat()
  for (const module of modules) {
    const count = placed.filter((name) => name === module).length
    if (count !== 1) throw new Error(`the module ${module} is in ${count} services, not in one`)
  }
  const unknown = placed.find((name) => !modules.includes(name))
  if (unknown !== undefined) throw new Error(`no module ${unknown} to place in a service`)
  return groups
}

function servicesOfEnvironment(
  modules: readonly string[],
): readonly (readonly string[])[] | undefined {
  const text = process.env['TEST_SERVICES'] ?? ''
  if (text === '') return undefined
  if (text.startsWith('#')) return placementOf(modules, Number(text.slice(1)))
  return text.split('|').map((group) => group.split(','))
}
