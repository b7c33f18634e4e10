import type { Directory, InstanceAddress } from './port.ts'

/** A directory that its owner fills. */
export interface SettableDirectory extends Directory {
  /** Replaces all instances, and tells everybody who watches. */
  set(instances: readonly InstanceAddress[]): void
}

/** Creates a directory in memory, for tests and for systems of one process. */
export function createDirectory(instances: readonly InstanceAddress[] = []): SettableDirectory {
  return new MemoryDirectory(instances)
}

/** Holds the current list, and who wants to hear of the next. */
export class MemoryDirectory implements SettableDirectory {
  readonly #watchers = new Set<() => void>()
  #instances: readonly InstanceAddress[]

  constructor(instances: readonly InstanceAddress[]) {
    this.#instances = [...instances]
  }

  get instances(): readonly InstanceAddress[] {
    return this.#instances
  }

  set(instances: readonly InstanceAddress[]): void {
    this.#instances = [...instances]
    for (const changed of this.#watchers) changed()
  }

  watch(changed: () => void): () => void {
    // wrapped, so that one function given twice is heard twice
    const watcher = (): void => changed()
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }
}
