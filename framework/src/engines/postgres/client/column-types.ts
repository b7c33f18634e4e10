import pg from 'pg'

type Decode = (text: string) => unknown

/** Wire OIDs of the scalar types that do not arrive as text, with the OID of their array type.
 *
 *  | PostgreSQL type | arrives as | why |
 *  |---|---|---|
 *  | boolean | boolean | |
 *  | smallint, integer, oid | number | exact |
 *  | bigint | bigint | a number is exact only to 2^53 |
 *  | real, double precision | number | the shortest text that reads back equal |
 *  | numeric, money | string | any number of digits |
 *  | json, jsonb | parsed | numbers beyond 2^53 belong into a string or a column |
 *  | bytea | Uint8Array | |
 *  | timestamptz | Date | milliseconds; the server's microseconds are cut, `::text` keeps them |
 *  | date, time, timetz, timestamp, interval | string | none of them is a moment |
 *  | arrays of the above | arrays of the above | null stays null |
 *  | everything else (uuid, text, inet, ranges, enums, …) | string | |
 */
const scalars: readonly {
  readonly oid: number
  readonly array: number
  readonly decode: Decode
}[] = [
  { oid: 16, array: 1000, decode: (text) => text === 't' },
  { oid: 21, array: 1005, decode: Number },
  { oid: 23, array: 1007, decode: Number },
  { oid: 26, array: 1028, decode: Number },
  { oid: 20, array: 1016, decode: BigInt },
  { oid: 700, array: 1021, decode: Number },
  { oid: 701, array: 1022, decode: Number },
  { oid: 114, array: 199, decode: (text) => JSON.parse(text) as unknown },
  { oid: 3802, array: 3807, decode: (text) => JSON.parse(text) as unknown },
  { oid: 17, array: 1001, decode: decodeBytes },
  { oid: 1184, array: 1185, decode: decodeMoment },
]

/** OIDs of array types whose elements stay text: text, varchar, bpchar, numeric, date, time,
 *  timestamp, interval, uuid, inet, name, money. */
const textArrays = [1009, 1015, 1014, 1231, 1182, 1183, 1115, 1187, 2951, 1041, 1003, 791]

const asText: Decode = (text) => text
const decoders: ReadonlyMap<number, Decode> = buildDecoders()

/** The decoders of the client library's result reader. */
export const columnTypes: { getTypeParser: (oid: number) => Decode } = {
  getTypeParser: (oid) => decoders.get(oid) ?? asText,
}

function buildDecoders(): Map<number, Decode> {
  const built = new Map<number, Decode>()
  for (const { oid, array, decode } of scalars) {
    built.set(oid, decode)
    built.set(array, decodeArrayOf(decode))
  }
  for (const oid of textArrays) built.set(oid, decodeArrayOf(asText))
  return built
}

interface ArrayParser {
  create(source: string, decode: Decode): { parse(): unknown[] }
}

function decodeArrayOf(decode: Decode): Decode {
  const parser: unknown = pg.types.arrayParser
  return (text) => (parser as ArrayParser).create(text, decode).parse()
}

function decodeBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function decodeMoment(text: string): unknown {
  return (pg.types.getTypeParser(1184) as Decode)(text)
}
