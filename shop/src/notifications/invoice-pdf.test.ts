import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import type { Invoice } from './invoice.ts'
import { printInvoice } from './invoice-pdf.ts'
import { invoicePrinters } from './invoice-printers.ts'
import { toWinAnsi } from './win-ansi.ts'

const invoice: Invoice = {
  orderId: '018f0000-0000-7000-8000-000000000000',
  paidAt: new Date('2026-03-01T23:30:00Z'),
  seller: 'Banyan Shop',
  lines: [
    {
      sku: 'BOOT',
      name: 'Stiefel (grün) für 5 €',
      count: 3,
      price: { amountMinor: 123_456n, currency: 'EUR' },
    },
  ],
  total: { amountMinor: 370_368n, currency: 'EUR' },
  shippingAddress: {
    ...{ name: 'Łucja Ångström', street: 'Main Street 1', postalCode: '10115' },
    ...{ city: 'Berlin', country: 'DE' },
  },
}

/** The texts of each page, in the order in which they were written. */
function pagesOf(pdf: Uint8Array): string[] {
  const bytes = Buffer.from(pdf)
  const pages: string[] = []
  for (let at = bytes.indexOf('stream\n'); at !== -1; at = bytes.indexOf('stream\n', at + 1)) {
    if (bytes.subarray(at - 3, at).toString() === 'end') continue
    const content = bytes.subarray(at + 7, bytes.indexOf('\nendstream', at))
    pages.push(textOf(inflateSync(content).toString('latin1')))
  }
  return pages
}

function textOf(operators: string): string {
  const shown = operators.matchAll(/\[([^\]]*)\] TJ/g)
  const lines = Array.from(shown, ([, parts = '']) =>
    Array.from(parts.matchAll(/<([0-9a-f]+)>/g), ([, hex = '']) =>
      new TextDecoder('windows-1252').decode(Buffer.from(hex, 'hex')),
    ).join(''),
  )
  return lines.join('\n')
}

test('an invoice says who bought what, when it was paid and what it costs', async () => {
  const [page, ...others] = pagesOf(await printInvoice(invoice))
  assert.deepEqual(others, [])
  assert.equal(
    page,
    [
      ...['Banyan Shop', 'Lucja Ångström', 'Main Street 1', '10115 Berlin', 'DE', 'Invoice'],
      ...['Order 018f0000-0000-7000-8000-000000000000', 'Paid on 2026-03-01'],
      ...['Article', 'Count', 'Price', 'Sum'],
      ...['Stiefel (grün) für 5 € (BOOT)', '3', '1,234.56 EUR', '3,703.68 EUR'],
      ...['Total', '3,703.68 EUR'],
    ].join('\n'),
  )
})

test('one invoice is always the same bytes, in this thread, in another and years later', async (t) => {
  const first = await printInvoice(invoice)
  assert.deepEqual(Buffer.from(await invoicePrinters.run(invoice)), Buffer.from(first))
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2031, 0, 1) })
  assert.deepEqual(Buffer.from(await printInvoice(invoice)), Buffer.from(first))
  const other = await printInvoice({ ...invoice, seller: 'Another Shop' })
  assert.notDeepEqual(Buffer.from(other), Buffer.from(first))
})

test('an invoice of fifty articles with long names goes on over pages, and ends with the total', async () => {
  const [line] = invoice.lines
  assert.ok(line !== undefined)
  const lines = Array.from({ length: 50 }, (_, index) => ({
    ...line,
    sku: `SKU-${index}`,
    name: `An article with a name that takes more than one line of its column ${index}`,
  }))
  const pages = pagesOf(await printInvoice({ ...invoice, lines }))
  assert.ok(pages.length > 1, `${pages.length} pages`)
  const text = pages.join('\n')
  for (const { sku } of lines) assert.equal(text.split(`(${sku})`).length, 2, sku)
  assert.match(pages.at(-1) ?? '', /Total\n3,703\.68 EUR$/)
})

test('letters that the fonts lack lose their marks, and what has no likeness becomes a question mark', () => {
  assert.equal(toWinAnsi('Zoë – 5 € “x”'), 'Zoë – 5 € “x”')
  assert.equal(toWinAnsi('Łódź, Dvořák, ẞ'), 'Lódz, Dvorák, SS')
  assert.equal(toWinAnsi('Anna Жукова 東京\n'), 'Anna ?????? ???')
})
