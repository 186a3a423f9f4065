import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { errorMessage } from '../base/log.ts'
import type { Allowed, RedirectTable, Redirector } from './redirector.ts'
import type { Redirect } from './rules.ts'

/** Runs one of iptables' programs; resolves with what it printed, rejects with its complaint. */
export type RunIptables = (program: 'iptables-save' | 'iptables-restore', args: readonly string[], input?: string) => Promise<string>

const tables = ['nat', 'filter'] as const

/** One chain of ours: where it hangs, and what stands in it. */
interface Chain {
  readonly table: (typeof tables)[number]
  readonly hook: 'OUTPUT' | 'PREROUTING' | 'INPUT' | 'FORWARD'
  readonly name: string
  /** What packets must match to get into it. */
  readonly match: string
  readonly rules: readonly string[]
}

/** Chain names have at most 28 characters. */
function chainsOf(cluster: string, table: RedirectTable | undefined): Chain[] {
  const prefix = `WHEELHOUSE-${cluster.replace(/[^A-Za-z0-9]/g, '').slice(0, 10)}`
  const rulesFrom = (from: Redirect['from']) => table?.redirects.filter((redirect) => redirect.from === from).map(rule) ?? []
  const fromPods = table?.podInterface === undefined ? [] : rulesFrom('pods')
  const match = `-i ${table?.podInterface} `
  // a desktop's firewall drops what containers send to this machine; what was redirected is meant to arrive
  const accept = fromPods.length > 0 ? ['-m conntrack --ctstate DNAT -j ACCEPT'] : []
  // what was redirected has another destination by now; the rest would leave by the default route, for whoever has the address there
  const refuse = (table?.serviceRanges ?? []).map((range) => `-d ${range} -j REJECT --reject-with icmp-port-unreachable`)
  return [
    { table: 'nat', hook: 'OUTPUT', name: `${prefix}-HOST`, match: '', rules: rulesFrom('host') },
    { table: 'nat', hook: 'PREROUTING', name: `${prefix}-PODS`, match, rules: fromPods },
    { table: 'filter', hook: 'INPUT', name: `${prefix}-IN`, match, rules: accept },
    { table: 'filter', hook: 'OUTPUT', name: `${prefix}-OUT`, match: '', rules: refuse },
    { table: 'filter', hook: 'FORWARD', name: `${prefix}-FWD`, match, rules: table?.podInterface === undefined ? [] : refuse },
  ]
}

/**
 * The input for `iptables-restore --noflush` that turns what is there into what is wanted, each table in one transaction: our
 * chains are flushed and filled, jumps to them added or removed, everybody else's rules stay. Undefined when all is as wanted.
 *
 * @param saved  what `iptables-save` printed
 * @param table  undefined to remove every trace
 */
export function planRestore(saved: string, cluster: string, table: RedirectTable | undefined): string | undefined {
  const present = saved.split('\n')
  const plans = chainsOf(cluster, table).map((chain) => ({ ...planChain(present, cluster, chain), table: chain.table }))
  const changed = tables.filter((name) => plans.some((plan) => plan.table === name && plan.changed))
  if (changed.length === 0) return undefined
  return changed.map((name) => {
    const ofTable = plans.filter((plan) => plan.table === name)
    return [`*${name}`, ...ofTable.flatMap((plan) => plan.declaration), ...ofTable.flatMap((plan) => plan.rules), 'COMMIT', ''].join('\n')
  }).join('')
}

interface ChainPlan {
  readonly changed: boolean
  /** Creates the chain, or empties the one that is there. */
  readonly declaration: readonly string[]
  readonly rules: readonly string[]
}

function planChain(present: readonly string[], cluster: string, chain: Chain): ChainPlan {
  const { name } = chain
  const jump = `-A ${chain.hook} ${chain.match}-m comment --comment "wheelhouse ${cluster}" -j ${name}`
  const rules = chain.rules.map((text) => `-A ${name} ${text}`)
  const wanted = rules.length > 0

  const exists = present.some((line) => line.startsWith(`:${name} `))
  const oldRules = present.filter((line) => line.startsWith(`-A ${name} `))
  const oldJumps = present.filter((line) => line.startsWith('-A ') && line.endsWith(` -j ${name}`))
  const unlink = oldJumps.filter((old) => !wanted || old !== jump).map((old) => old.replace(/^-A/, '-D'))
  const link = wanted && !oldJumps.includes(jump) ? [jump.replace(/^-A (\S+)/, '-I $1 1')] : []
  const remove = exists && !wanted ? [`-X ${name}`] : []
  return {
    changed: rules.join() !== oldRules.join() || unlink.length + link.length + remove.length > 0,
    declaration: wanted || exists ? [`:${name} - [0:0]`] : [],
    rules: [...unlink, ...rules, ...link, ...remove],
  }
}

/** As iptables-save prints it, so that plan and state compare as text. */
function rule({ protocol, destination, port, to, comment }: Redirect): string {
  const address = destination === 'this machine' ? '' : `-d ${destination.address}/32 `
  const local = destination === 'this machine' ? ' -m addrtype --dst-type LOCAL' : ''
  const target = `-j DNAT --to-destination ${to.address}:${to.port}`
  return `${address}-p ${protocol} -m ${protocol} --dport ${port}${local} -m comment --comment ${quoted(comment)} ${target}`
}

/** iptables-save quotes a comment only where a character asks for it. */
const quoted = (comment: string): string => (/^[A-Za-z0-9_-]+$/.test(comment) ? comment : `"${comment.replace(/["\\]/g, '\\$&')}"`)

/** Root's own iptables. Rules live in chains named after the cluster. */
export function iptablesRedirector(cluster: string, run: RunIptables = runProgram): Redirector {
  async function change(table: RedirectTable | undefined): Promise<void> {
    const plan = planRestore(await run('iptables-save', []), cluster, table)
    if (plan !== undefined) await run('iptables-restore', ['-w', '5', '--noflush'], plan)
  }
  return {
    canRedirect: () => probe(run),
    apply: (table) => change(table),
    clear: () => change(undefined),
  }
}

/** Whether the nat table may be written: an empty transaction needs all the rights and changes nothing. */
async function probe(run: RunIptables): Promise<Allowed> {
  const consequence = 'so ClusterIPs do not work; the proxy\'s own sockets and NodePorts do'
  try {
    await run('iptables-restore', ['-w', '5', '--noflush'], '*nat\nCOMMIT\n')
    await run('iptables-save', [])
    return { ok: true }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = missing ? 'iptables is not installed' : `This process may not change iptables (${firstLine(errorMessage(error))})`
    return { ok: false, reason: `${reason}, ${consequence}.` }
  }
}

const firstLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

const runProgram: RunIptables = async (program, args, input) => {
  const running = promisify(execFile)(program, args, { timeout: 10_000, maxBuffer: 64 * 1024 * 1024 })
  running.child.stdin?.on('error', () => undefined)
  running.child.stdin?.end(input ?? '')
  return (await running).stdout
}
