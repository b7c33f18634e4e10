/** The tidy rules: the style guide as data. Each has a planted violation in a test beside it. */
export const rules = {
  fileLong: {
    code: 'TIDY_FILE_LONG',
    why: 'A long file holds more than one idea; nobody reads it to the end.',
  },
  functionLong: {
    code: 'TIDY_FUNCTION_LONG',
    why: 'A function that does not fit a screen is nearly always a class or a sequence of named steps.',
  },
  parametersMany: {
    code: 'TIDY_PARAMETERS_MANY',
    why: 'Beyond three positions, callers swap arguments without noticing.',
  },
  wordBanned: {
    code: 'TIDY_WORD_BANNED',
    why: 'One place owns this; everywhere else it is injected or spelled better.',
  },
  folderName: {
    code: 'TIDY_FOLDER_NAME',
    why: 'Such a name says nothing about who owns what is inside; everything ends up there.',
  },
  fileName: {
    code: 'TIDY_FILE_NAME',
    why: 'One spelling of names makes files findable on every file system.',
  },
  doorWide: { code: 'TIDY_DOOR_WIDE', why: 'A front door is what a reader must learn first.' },
  doorSilent: {
    code: 'TIDY_DOOR_SILENT',
    why: 'The first paragraph of a room says what it is for, what not, and what it promises.',
  },
  exportSilent: {
    code: 'TIDY_EXPORT_SILENT',
    why: 'A public name without its meaning, units, errors and limits is guesswork for its users.',
  },
  titleTwice: { code: 'TIDY_TITLE_TWICE', why: 'A failure must name one test.' },
  titleShort: {
    code: 'TIDY_TITLE_SHORT',
    why: 'A title is a sentence about behaviour; it is what the reader of a failure gets.',
  },
  codeTwice: { code: 'TIDY_CODE_TWICE', why: 'A code is an address; two places cannot have one.' },
  codeForm: { code: 'TIDY_CODE_FORM', why: 'From ROOM_NOUN_STATE a reader knows where to look.' },
  codeUnthrown: {
    code: 'TIDY_CODE_UNTHROWN',
    why: 'An error that nobody throws is documentation of nothing.',
  },
  codeUntested: {
    code: 'TIDY_CODE_UNTESTED',
    why: 'An error that no test provokes may never happen, or happen wrongly.',
  },
  generatedStale: {
    code: 'TIDY_GENERATED_STALE',
    why: 'A committed text that is not what the sources say misleads reviews.',
  },
  textPrivate: {
    code: 'TIDY_TEXT_PRIVATE',
    why: 'The repository must not depend on, or tell about, one machine.',
  },
  exceptionLoose: { code: 'TIDY_EXCEPTION_LOOSE', why: 'The list of exceptions may only shrink.' },
  filesFew: { code: 'TIDY_FILES_FEW', why: 'A check that sees nothing passes whatever is there.' },
  unreadable: { code: 'TIDY_FILE_UNREADABLE', why: 'What cannot be parsed cannot be checked.' },
} as const satisfies Record<string, { readonly code: string; readonly why: string }>

export type RuleName = keyof typeof rules

/** The limits of the size rules. */
export const limits = {
  fileLines: 400,
  functionLines: 70,
  parameters: 3,
  doorNames: 25,
  doorTextLength: 80,
  titleWords: 3,
} as const
