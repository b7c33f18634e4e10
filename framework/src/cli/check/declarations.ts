import path from 'node:path'
import type { ModuleFolder } from '../../boundary/index.ts'
import {
  asyncApiDocument,
  type Contract,
  contractManifest,
  openApiDocument,
} from '../../contract/index.ts'
import { compileSchema } from '../../schema/index.ts'
import { asBanyanError } from '../../kernel/index.ts'
import { cliApplicationBroken } from '../errors.ts'
import { importFile, loadProject, type Project } from '../load-application.ts'
import type { Problems } from './problems.ts'

/** Loads every contract, every module and the application, so that one broken declaration does not
 *  hide the next.
 *  @returns the application when it is whole */
export async function checkDeclarations(
  root: string,
  modules: readonly ModuleFolder[],
  problems: Problems,
): Promise<Project | undefined> {
  for (const name of ['contract.ts', 'module.ts']) {
    for (const { folder } of modules) {
      await importFile(path.join(root, folder, name)).catch((error: unknown) =>
        problems.addDeclared(asBanyanError(error)),
      )
    }
  }
  try {
    return await loadProject(root)
  } catch (error) {
    problems.addDeclared(asBanyanError(error))
    return undefined
  }
}

/** Compiles every schema and renders what is made from contracts.
 *  @returns how many operations there are */
export function checkContracts({ application, version }: Project, problems: Problems): number {
  let count = 0
  const contracts = application.modules.map(({ contract }) => contract)
  for (const contract of contracts) {
    for (const [name, { input, output }] of Object.entries(contract.operations)) {
      count++
      attempt(problems, `${contract.name}.${name}`, () => {
        for (const schema of [compileSchema(input), compileSchema(output)]) {
          void schema.copyOrInvalid
          void schema.decodeOrInvalid
        }
        openApiDocument({ name: application.name, version, contracts: [only(contract, name)] })
      })
    }
    for (const [name, { declared }] of Object.entries(contract.failures)) {
      attempt(
        problems,
        `${contract.name}.${name}`,
        () => void compileSchema(declared.details).copyOrInvalid,
      )
    }
    for (const [name, { payload }] of Object.entries(contract.events)) {
      attempt(problems, `${contract.name}.${name}`, () => void compileSchema(payload).copyOrInvalid)
    }
  }
  attempt(problems, application.name, () => {
    openApiDocument({ name: application.name, version, contracts })
    asyncApiDocument({ name: application.name, version, contracts })
    contractManifest(contracts)
  })
  return count
}

/** The contract with one operation, so that a fault is known to be that one's. */
function only(contract: Contract, name: string): Contract {
  const operation = contract.operations[name]
  return { ...contract, operations: operation === undefined ? {} : { [name]: operation } }
}

function attempt(problems: Problems, place: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    const { message } = asBanyanError(error)
    problems.addDeclared(cliApplicationBroken({ file: place, cause: message }, { cause: error }))
  }
}
