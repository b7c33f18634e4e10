/** One thing that is wrong with a topology, or, as a warning, one that its owner should know. */
export interface Problem {
  /** `TOPOLOGY_…`; `banyan explain <code>` tells more. */
  readonly code: string
  /** Where: `services.sales.instances`, as the file and `--set` spell it. */
  readonly path: string
  /** Names the path and the value that was seen. */
  readonly message: string
  readonly fix: string
  /** The name that was probably meant, or the empty text. */
  readonly nearest: string
}

/** Problems as people read them, one below the other. */
export function problemTexts(problems: readonly Problem[]): string {
  return problems
    .map(({ code, message, fix }) => `\n  ${code}  ${message}\n    fix   ${fix}`)
    .join('')
}
