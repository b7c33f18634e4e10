/**
 * Command line: what people and machines type. It composes every other room and owns the terminal,
 * the environment and exit codes. `main.ts` is the program; this door is for what is generated from
 * the same tables, the reference pages. Not for libraries: nothing else imports this room.
 */
export { renderCommandReference } from './reference/commands.ts'
export { renderSettingsReference } from './reference/settings.ts'
export { renderPlanSchema, renderTopologyReference } from './reference/topology.ts'
