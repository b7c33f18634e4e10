import { graphOf, printGraph, type UseGraph } from '../../module/index.ts'
import { loadProject } from '../load-application.ts'
import { print } from '../terminal.ts'

export interface GraphFlags {
  readonly mermaid?: boolean
  readonly json?: boolean
}

/** `banyan graph`: which module uses which. */
export async function graph(flags: GraphFlags, folder: string): Promise<void> {
  const { application } = await loadProject(folder)
  const uses = graphOf(application)
  if (flags.json === true) {
    print(JSON.stringify({ application: application.name, uses: Object.fromEntries(uses) }))
  } else print(flags.mermaid === true ? mermaid(uses) : printGraph(uses))
}

function mermaid(graph: UseGraph): string {
  const lines = [...graph].flatMap(([name, uses]) =>
    uses.length === 0 ? [`  ${name}`] : uses.map((used) => `  ${name} --> ${used}`),
  )
  return ['graph LR', ...lines].join('\n')
}
