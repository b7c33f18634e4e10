import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const mailMessageInvalid: ErrorDefinition<{ field: string; problem: string }> = defineError(
  'MAIL_MESSAGE_INVALID',
  'invalid',
  {
    message: ({ field, problem }) => `the mail cannot be sent: ${field} ${problem}`,
    fix: 'Correct the field; check addresses where they are entered. Trying again changes nothing.',
  },
)

export const mailMessageTooLarge: ErrorDefinition<{ bytes: number; bytesMax: number }> =
  defineError('MAIL_MESSAGE_TOO_LARGE', 'invalid', {
    message: ({ bytes, bytesMax }) =>
      `the mail takes ${bytes} bytes as encoded; ${bytesMax} is the limit`,
    fix: 'Send a link to the file instead of the file.',
  })

export const mailRefused: ErrorDefinition<{ messageId: string; answer: string }> = defineError(
  'MAIL_REFUSED',
  'invalid',
  {
    message: ({ messageId, answer }) => `the mail server refuses ${messageId} for good: ${answer}`,
    fix: 'Nothing was sent. Correct the address or the content; trying again changes nothing.',
  },
)

export const mailUnavailable: ErrorDefinition<{ cause: string }> = defineError(
  'MAIL_UNAVAILABLE',
  'unavailable',
  {
    message: ({ cause }) => `the mail could not be handed over: ${cause}`,
    fix: 'Nothing was sent; try again later. If it stays so, look at BANYAN_MAIL_URL and at the mail server.',
  },
)

export const mailOutcomeUnknown: ErrorDefinition<{ messageId: string; cause: string }> =
  defineError('MAIL_OUTCOME_UNKNOWN', 'unknown_outcome', {
    message: ({ messageId, cause }) =>
      `the mail server may have taken ${messageId}: all of it was sent, then ${cause}`,
    fix: 'Send it again under the same Message-ID; many servers and readers drop the second copy.',
  })

export const mailOptionsInvalid: ErrorDefinition<{ option: string; problem: string }> = defineError(
  'MAIL_OPTIONS_INVALID',
  'invalid',
  {
    message: ({ option, problem }) => `the mailer's ${option} ${problem}`,
    fix: 'Correct the option; the ranges stand at its declaration.',
  },
)

export const mailCapturedUnknown: ErrorDefinition<{ id: string; folder: string }> = defineError(
  'MAIL_CAPTURED_UNKNOWN',
  'not_found',
  {
    message: ({ id, folder }) => `no mail "${id}" is kept in ${folder}`,
    fix: 'List what is kept; the oldest mails are dropped when there are more than the folder keeps.',
  },
)
