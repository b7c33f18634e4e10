/** What a rule of the law says when it is broken. */
export interface Rule {
  readonly code: string
  readonly why: string
}

/** The rules that `tools/boundary.ts` enforces; each has a planted violation in its test. */
export const rules = {
  roomUnknown: {
    code: 'LAW_ROOM_UNKNOWN',
    why: 'A room without a floor has no law; everything could come to depend on it.',
  },
  floorUpward: {
    code: 'LAW_FLOOR_UPWARD',
    why: 'Arrows go down only: then every room can be read, tested and replaced without the ones above it.',
  },
  doorBypassed: {
    code: 'LAW_DOOR_BYPASSED',
    why: 'What is not exported by index.ts is free to change; an import past the door takes that freedom away.',
  },
  packageForeign: {
    code: 'LAW_PACKAGE_FOREIGN',
    why: 'A library belongs to the room that owns the idea; client libraries of engines belong into engines/ only.',
  },
  packageUndeclared: {
    code: 'LAW_PACKAGE_UNDECLARED',
    why: 'It is found today only because another package happens to bring it along.',
  },
  nodeForbidden: {
    code: 'LAW_NODE_FORBIDDEN',
    why: 'The kernel performs no I/O, so that everything above it can run in a simulation.',
  },
  outside: {
    code: 'LAW_OUTSIDE_IMPORTED',
    why: 'The framework knows no application, and no workspace reaches into another one.',
  },
  testImported: {
    code: 'LAW_TEST_IMPORTED',
    why: 'Test code in production ships fixtures and test libraries to users.',
  },
  computed: {
    code: 'LAW_IMPORT_COMPUTED',
    why: 'An import that cannot be read cannot be checked, and hides a dependency.',
  },
  cycleFiles: {
    code: 'LAW_CYCLE_FILES',
    why: 'Files in a circle can only be understood, tested and moved together.',
  },
  cycleRooms: {
    code: 'LAW_CYCLE_ROOMS',
    why: 'Rooms in a circle are one room with two doors.',
  },
  allowanceUnused: {
    code: 'LAW_ALLOWANCE_UNUSED',
    why: 'A permission that nobody needs is a hole that the next change falls into.',
  },
  filesUnseen: {
    code: 'LAW_FILES_UNSEEN',
    why: 'A check that does not see a file passes whatever is in it.',
  },
} as const satisfies Record<string, Rule>
