import { mkdir, open, rmdir } from 'node:fs/promises'
import path from 'node:path'

/** Makes a folder and what is missing above it, so that they outlive a loss of power. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  const top = path.dirname(first)
  for (let above = path.dirname(folder); ; above = path.dirname(above)) {
    await syncFolder(above)
    if (above === top || above === path.dirname(above)) return
  }
}

/** Brings the names of a folder to the disk. On Windows the file system does so by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes a folder and those above it, up to `root`, as far as they are empty. */
export async function removeEmpty(folder: string, root: string): Promise<void> {
  let current = folder
  while (current !== root && current.startsWith(root)) {
    try {
      await rmdir(current)
    } catch {
      return
    }
    current = path.dirname(current)
  }
}
