import { writeFile } from 'node:fs/promises'
import { asyncApiDocument } from '../../contract/index.ts'
import type { Application } from '../../module/index.ts'
import { loadProject } from '../load-application.ts'
import { print, printError } from '../terminal.ts'

export interface AsyncApiFlags {
  readonly out?: string
  readonly jobs?: boolean
  readonly json?: boolean
}

type Options = Parameters<typeof asyncApiDocument>[0]

/** `banyan asyncapi`: what the modules of the application tell each other. */
export async function asyncApi({ out, jobs }: AsyncApiFlags, folder: string): Promise<void> {
  const { application, version } = await loadProject(folder)
  const document = asyncApiDocument({
    name: application.name,
    version,
    contracts: application.modules.map(({ contract }) => contract),
    subscriptions: subscriptionsOf(application),
    ...(jobs === true ? { jobs: jobsOf(application) } : {}),
  })
  const text = JSON.stringify(document, undefined, 2)
  if (out === undefined) return print(text)
  await writeFile(out, `${text}\n`)
  printError(`wrote ${out}`)
}

function subscriptionsOf({ modules }: Application): NonNullable<Options['subscriptions']> {
  return modules.flatMap(({ contract, subscriptions }) =>
    subscriptions.map(({ event }) => ({ module: contract.name, event: event.name })),
  )
}

function jobsOf({ modules }: Application): NonNullable<Options['jobs']> {
  return modules.flatMap(({ contract, jobs }) =>
    jobs.map(({ job: { name, version = 1, input } }) => {
      return { module: contract.name, name, version, input }
    }),
  )
}
