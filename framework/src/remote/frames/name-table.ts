import { isModuleName, isOperationName } from '../post-headers.ts'
import { closeCode, frameType, namesMax, ProtocolError } from './layout.ts'
import type { Slab } from './slab.ts'

/** The names that a peer has introduced: index 1 is the first.
 *  Invariant: at most `namesMax`, each a name of an operation or of a module. */
export class NameTable {
  readonly #names: string[] = ['']

  /** @throws ProtocolError */
  add(name: string, index: number): void {
    if (index !== this.#names.length || index > namesMax) {
      throw new ProtocolError(closeCode.protocol, `the name ${index} out of turn`)
    }
    if (!isOperationName(name) && !isModuleName(name)) {
      throw new ProtocolError(closeCode.protocol, 'a name of neither an operation nor a module')
    }
    this.#names.push(name)
  }

  /** @throws ProtocolError */
  get(index: number): string {
    const name = this.#names[index]
    if (name === undefined || index === 0) {
      throw new ProtocolError(closeCode.protocol, `the unknown name ${index}`)
    }
    return name
  }
}

/** The names that this end has introduced. */
export class NameIndexes {
  readonly #indexes = new Map<string, number>()

  /** The index of a name, or 0 when it was not introduced. */
  get(name: string): number {
    return this.#indexes.get(name) ?? 0
  }

  /** Whether another name can be introduced. */
  get hasRoom(): boolean {
    return this.#indexes.size < namesMax
  }

  /** Introduces a name. Requires: it is new, and `hasRoom`. */
  add(name: string, slab: Slab): number {
    const index = this.#indexes.size + 1
    this.#indexes.set(name, index)
    slab.begin(frameType.name, 0, index)
    slab.text(name)
    slab.end()
    return index
  }
}
