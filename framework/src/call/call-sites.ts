import { type CallOptions, type Module, moduleUseUndeclared } from '../module/index.ts'
import type { HandlerContext } from './handler-context.ts'
import type { CallTarget } from './call-target.ts'

/** `ctx.call.<module>`: the operations of one used module, bound to a context. */
class ContractSite {
  readonly #caller: HandlerContext

  constructor(caller: HandlerContext) {
    this.#caller = caller
  }

  send(target: CallTarget, input: unknown, options: CallOptions | undefined): Promise<unknown> {
    return target.callFrom(this.#caller, input, options)
  }
}

/** `ctx.call`: one getter per used module; the other modules of the application answer with the
 *  reason why they may not be called. */
class ModuleSite {
  readonly #caller: HandlerContext

  constructor(caller: HandlerContext) {
    this.#caller = caller
  }

  open(Site: typeof ContractSite): ContractSite {
    return new Site(this.#caller)
  }
}

/** Compiles `ctx.call` of one module: two small objects per use, methods on prototypes.
 *  @param targetOf  Finds the target of `module.operation`. */
export function compileCallSites(
  module: Module,
  modules: readonly Module[],
  targetOf: (id: string) => CallTarget,
): (context: HandlerContext) => object {
  const own = module.contract.name
  class Sites extends ModuleSite {}
  const used = new Set(module.uses.map(({ name }) => name))
  for (const { contract } of modules) {
    const { name } = contract
    if (!used.has(name)) {
      const refuse = (): never => {
        throw moduleUseUndeclared({ module: own, used: name })
      }
      Object.defineProperty(Sites.prototype, name, { get: refuse })
      continue
    }
    const Site = compileSite(name, Object.keys(contract.operations), targetOf)
    Object.defineProperty(Sites.prototype, name, {
      get(this: ModuleSite): ContractSite {
        return this.open(Site)
      },
    })
  }
  return (context) => new Sites(context)
}

function compileSite(
  contract: string,
  operations: readonly string[],
  targetOf: (id: string) => CallTarget,
): typeof ContractSite {
  class Site extends ContractSite {}
  for (const operation of operations) {
    const target = targetOf(`${contract}.${operation}`)
    Object.defineProperty(Site.prototype, operation, {
      value(this: ContractSite, input: unknown, options?: CallOptions): Promise<unknown> {
        return this.send(target, input, options)
      },
    })
  }
  return Site
}
