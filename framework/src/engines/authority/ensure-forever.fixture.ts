import { FakeClock } from '../../kernel/index.ts'
import { ensureCertificates } from './index.ts'

/** A program for tests of crashes: renews everything, again and again, until it is killed. */
const [folder = '', startMs = ''] = process.argv.slice(2)
const clock = new FakeClock(Number(startMs))
for (;;) {
  await ensureCertificates({
    ...{ folder, application: 'shop', services: ['sales', 'money'], clock },
    ...{ renew: true, renewAuthority: true, settleMs: 0 },
  })
  await clock.advance(2_000)
  process.stdout.write('.')
}
