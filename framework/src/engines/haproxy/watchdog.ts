import { readFile } from 'node:fs/promises'

/** The shell forks a watchdog and becomes HAProxy's master, so the master is our own child by its id.
 *
 *  HAProxy must outlive its keeper: a keeper that is killed and started again adopts it, and no request
 *  notices. But nothing may be left behind for ever: when the process that the file `keeper` names has
 *  been gone for the grace period, and no other has taken its place there, the watchdog stops HAProxy
 *  softly, and hard-stop-after bounds that. A process is known by its id and, where /proc tells it, the
 *  moment of its start, so that another one with the same id is not taken for it.
 *  The watchdog is forked twice because the master would wonder at a child that it does not know. */
const script = `
master=$$ grace=$1
shift
( (
  trap '' INT HUP TERM QUIT USR1 USR2
  missed=0
  while kill -0 $master; do
    pid= since=
    read -r pid since < keeper
    if kill -0 "$pid" && { [ -z "$since" ] || {
      read -r stat < "/proc/$pid/stat"
      set -- \${stat##*) }
      [ "\${20}" = "$since" ]
    }; }; then missed=0; else missed=$((missed + 1)); fi
    if [ $missed -gt $grace ]; then kill -USR1 $master; exit; fi
    sleep 1
  done
) </dev/null >/dev/null 2>&1 & )
exec "$@"
`

/** The words that start `command` with a watchdog beside it, in the gateway's folder. */
export function watchedCommand(
  command: readonly string[],
  graceMs: number,
): readonly [program: string, ...args: readonly string[]] {
  const graceSeconds = String(Math.ceil(graceMs / 1_000))
  return ['/bin/sh', '-c', script, 'banyan-haproxy', graceSeconds, ...command]
}

/** What stands in the file `keeper` while this process keeps the gateway. */
export async function describeKeeper(): Promise<string> {
  const stat = await readFile('/proc/self/stat', 'utf8').catch(() => '')
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const since = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return `${process.pid} ${since}\n`
}
