import { shop } from './src/application.ts'

/** What `banyan dev shop` and `banyan start shop` run. */
export const application = shop

/** Processes that development runs beside the application: here the payment service provider's
 *  simulator, where PAYMENTS_PSP_URL points by default; not started where that is set. Its books outlive it, as a real one's would. */
export const companions = [
  {
    name: 'psp',
    command: [
      'node',
      '--conditions=source',
      new URL('./psp/main.ts', import.meta.url).pathname,
      '--port=4010',
      '--journal=.banyan/psp.ndjson',
      '--end-with-stdin',
    ],
    ready: 'http://127.0.0.1:4010/control',
    unless: 'PAYMENTS_PSP_URL',
  },
]
