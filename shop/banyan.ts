import { shop } from './src/application.ts'

/** What `banyan dev shop` and `banyan start shop` run. */
export const application = shop

/** Processes that development needs beside the application; paths are relative to the repository. */
export const companions = [
  {
    name: 'psp',
    /** Payment service provider simulator; PAYMENTS_PSP_URL names another one. */
    command: ['node', '--conditions=source', 'shop/psp/main.ts', '--port', '4010'],
    url: 'http://127.0.0.1:4010',
  },
] as const
