const reasons: readonly (readonly [RegExp, string])[] = [
  [/^CONTRACT_ACCESS_MISSING/, 'Without a rule an operation would be open or closed by accident.'],
  [/^MODULE_ROLE_UNKNOWN/, 'A role that nobody can have closes the operation to everybody.'],
  [/^MODULE_ROUTE_DUPLICATE/, 'Only one of them would ever be reached.'],
  [
    /^MODULE_USE_CYCLE/,
    'Modules in a circle cannot be deployed, tested or understood one without the others.',
  ],
  [
    /^MODULE_USE_UNDECLARED/,
    'It fails at the first call; declared uses are what makes a module movable.',
  ],
  [/^MODULE_USE_/, 'A call would have nowhere to go.'],
  [/^MODULE_HANDLER_/, 'A contract is a promise: each operation has exactly one handler.'],
  [/^MODULE_|^CONTRACT_/, 'The application does not start with this declaration.'],
  [/^CLI_CONTRACT_BROKEN/, 'Callers were promised otherwise by contracts.json.'],
  [/^CLI_MANIFEST_/, 'What cannot be read cannot be compared.'],
  [/^DATA_MIGRATION_/, 'Migrations run in order, once, and are never edited afterwards.'],
  [/^CLI_APPLICATION_BROKEN/, 'What does not load cannot run, nor be checked further.'],
]

/** Why an error matters, for `banyan check`. */
export function reasonFor(code: string): string {
  return reasons.find(([pattern]) => pattern.test(code))?.[1] ?? 'The application does not start.'
}
