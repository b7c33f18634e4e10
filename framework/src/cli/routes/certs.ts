import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { CertsFlags } from '../commands/certs.ts'
import { duration, flag, json, text } from './parameters.ts'

export const certsRoute: Command<CommandContext> = buildCommand<CertsFlags, [string | undefined]>({
  loader: async () => {
    const { certs } = await import('../commands/certs.ts')
    return (flags, folder) => certs(flags, folder)
  },
  parameters: {
    flags: {
      services: text('services that need a certificate; those that have one unless given', 'a,b'),
      topology: text('file of a topology whose services need a certificate', 'file'),
      lifetime: duration('life of what is issued now, 1m to 365d; 30d unless given'),
      renew: flag('issue all of them anew'),
      renewAuthority: flag('replace the authority too, without a failed connection'),
      settle: duration('how long instances may take to read changed files; 10s unless given'),
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief:
            'folder of the application; the one around --topology, or the current one, unless given',
          parse: String,
          placeholder: 'folder',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'make and renew the certificates that services trust each other by',
    fullDescription: `A private authority for development and single machines, in .banyan/certs of the application's folder:
  authority.crt  what every service trusts     <service>.crt  who a service is: spiffe://shop/sales
  authority.key  what certificates are signed with            <service>.key  its proof

What is missing, damaged or has less than a third of its life left is issued; the rest is kept. Running
instances read changed files without a restart. The authority lives a year and is renewed the same way:
first all trust the new one too, then it signs, then the old one is forgotten. --renew-authority waits
for each step, twice as long as --settle says; otherwise the next run takes the step that is due.

Keys are for the owner's eyes only (0600). Not for production on several machines.`,
  },
})
