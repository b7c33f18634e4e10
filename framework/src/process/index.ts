/**
 * Process: other processes of this machine, told apart safely. A process id alone says nothing: after a
 * crash or a restart of the machine it may belong to anybody, so a process is known by its id and the
 * moment it was started. On that stands the lock of a folder, which a dead holder never keeps.
 * Not for starting or ending processes: that is their owner's (engines, cluster, cli).
 * Limits: one machine, one namespace of process ids.
 */
export { FolderLock, type LockRefusals } from './folder-lock.ts'
export {
  isRunning,
  type ProcessIdentity,
  readCommandLine,
  tryIdentify,
} from './process-identity.ts'
