import type { InstanceAddress } from '../remote/index.ts'
import { tryReadText, writeWhole } from './written-file.ts'

/** Where the instances of one circle find each other; they watch the file. Written only when something
 *  changed, with a generation that only grows, so that a reader can tell old from new. */
export class DirectoryFile {
  readonly #file: string
  #generation: number
  #written: string | undefined

  constructor(file: string) {
    this.#file = file
    this.#generation = generationIn(tryReadText(file))
  }

  write(instances: readonly InstanceAddress[]): void {
    const text = JSON.stringify(instances)
    if (text === this.#written) return
    this.#generation++
    const content = { format: 1, generation: this.#generation, instances }
    writeWhole(this.#file, JSON.stringify(content))
    this.#written = text
  }
}

function generationIn(text: string | undefined): number {
  try {
    const { generation } = JSON.parse(text ?? '{}') as { readonly generation?: unknown }
    return typeof generation === 'number' ? generation : 0
  } catch {
    return 0
  }
}
