/** The bounds of one mail. */
export const mailLimits = {
  /** 25 MiB as encoded for the way, attachments in base64 and 16 KiB of headers included. */
  bytesMax: 26_214_400,
  recipientsMax: 50,
  attachmentsMax: 20,
  subjectLengthMax: 400,
  nameLengthMax: 200,
  addressLengthMax: 254,
  messageIdLengthMax: 200,
} as const
