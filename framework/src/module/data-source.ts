/** Where a module's rows live, as the data room describes it: migrations, and the types of the
 *  read-only and the writing handle. */
export interface DataSource<Reader = unknown, Writer = unknown> {
  /** Folder of the module's numbered `.sql` files. */
  readonly migrations: URL
  /** Types only; never present at run time. */
  readonly handles?: { readonly reader: Reader; readonly writer: Writer }
}

/** The data source of a module that keeps nothing. */
export type NoDataSource = DataSource<never, never>

export type ReaderOf<Source> = Source extends DataSource<infer Reader, unknown> ? Reader : never
export type WriterOf<Source> = Source extends DataSource<unknown, infer Writer> ? Writer : never
