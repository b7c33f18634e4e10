import type { Application } from '../module/index.ts'

/** Whether a module keeps rows. */
export function hasTables({ modules }: Application, name: string): boolean {
  return modules.some(({ contract, tables }) => contract.name === name && tables !== undefined)
}
