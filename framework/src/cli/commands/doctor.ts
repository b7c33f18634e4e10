import path from 'node:path'
import { createSystemClock } from '../../kernel/index.ts'
import {
  examineApplication,
  examineDatabase,
  examineLock,
  examineSettings,
} from '../doctor/application.ts'
import type { Examination } from '../doctor/examination.ts'
import { examineClock, examineDisk, examineNode, examinePort } from '../doctor/machine.ts'
import { exitCodes } from '../exit-codes.ts'
import { tryReadInstance } from '../instance-file.ts'
import { print } from '../terminal.ts'

export interface DoctorFlags {
  readonly port?: number
  readonly json?: boolean
}

/** `banyan doctor`: what the machine gives the application. Exit code 1 when something fails. */
export async function doctor(flags: DoctorFlags, folder: string): Promise<void> {
  const found = await examine(flags, path.resolve(folder))
  const isFit = found.every(({ verdict }) => verdict !== 'fail')
  if (flags.json === true) {
    print(JSON.stringify({ schema: 'banyan.doctor/1', ok: isFit, examinations: found }))
  } else print(found.map(render).join('\n'))
  process.exitCode = isFit ? exitCodes.ok : exitCodes.failed
}

async function examine(flags: DoctorFlags, folder: string): Promise<readonly Examination[]> {
  const clock = createSystemClock()
  const { settings, examination } = examineSettings(folder, flags)
  const first = [examineNode(), examination, ...(await examineApplication(folder))]
  if (settings === undefined) return first
  const running = await tryReadInstance(settings.folder)
  return [
    ...first,
    await examineDatabase(settings, running, clock),
    await examinePort(settings, running?.url),
    examineLock(settings, running),
    await examineDisk(settings.folder),
    await examineClock(clock, settings.folder),
  ]
}

function render({ name, verdict, text, fix }: Examination): string {
  const line = `${verdict.padEnd(4)}  ${name.padEnd(8)}  ${text}`
  return fix === '' ? line : `${line}\n                fix  ${fix}`
}
