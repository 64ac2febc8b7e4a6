import { createServer } from 'node:net'
import { EngineError, type Integration } from '../../../engine/index.ts'
import { isLoopbackHost } from '../../config.ts'
import { loadDefinitions } from '../../load-definitions.ts'
import { connectChecked, createEgressPolicy, createTransport } from '../../transport/index.ts'
import { type Finding, fail, type Look, ok, type Patient, warn } from './contract.ts'

const TIMEOUT_MS = 5_000
const MOST_BYTES = 1_048_576

/** Whether the ports can be listened on, or Onefold does so already. */
export const lookAtPorts: Look = async ({ settings: { host, port, passthroughPort } }) => {
  const wanted = [['PORT', port] as const, ['PASSTHROUGH_PORT', passthroughPort] as const]
  const found = wanted.map(async ([setting, number]): Promise<Finding[]> => {
    if (number === null) return [ok('port', `${setting} is off`)]
    const code = await listenError(host, number)
    if (code === undefined) return [ok('port', `${setting} ${number} is free`)]
    if (code === 'EADDRINUSE' && (await answers(`http://${urlHost(host)}:${number}/readyz`)) !== undefined)
      return [ok('port', `${setting} ${number}: a server answers there`)]
    const why = code === 'EADDRINUSE' ? 'something else listens there' : `it cannot be listened on (${code})`
    return [fail('port', `${setting} ${number}: ${why}`, `Stop what uses it, or give another one with ${setting}.`)]
  })
  return (await Promise.all(found)).flat()
}

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host)

const listenError = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })

/** Status and Date header of an answer of our own server; undefined when there is none. */
async function answers(url: string): Promise<{ status: number; date: string | null } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' })
    await response.body?.cancel()
    return { status: response.status, date: response.headers.get('date') }
  } catch {
    return undefined
  }
}

/** Whether clients reach the server where ONEFOLD_PUBLIC_URL says. */
export const lookAtPublicUrl: Look = async ({ settings: { publicUrl, host, port } }) => {
  const name = 'public URL'
  if (publicUrl === null) {
    return [
      warn(
        name,
        'ONEFOLD_PUBLIC_URL is not set',
        'Set it once clients, links or webhooks of providers come from other machines.',
      ),
    ]
  }
  const isLocal = isLoopbackHost(publicUrl.hostname)
  const plain =
    publicUrl.protocol === 'http:' && !isLocal
      ? [warn(name, `${publicUrl.origin} is without TLS`, 'Put a proxy with TLS in front and write https.')]
      : []
  const [there, own] = await Promise.all([
    answers(new URL('readyz', publicUrl.href.endsWith('/') ? publicUrl.href : `${publicUrl.href}/`).href),
    answers(`http://${urlHost(host)}:${port}/readyz`),
  ])
  if (there?.status === 200) return [...plain, ok(name, `${publicUrl.href} is ready`)]
  if (own === undefined)
    return [
      ...plain,
      warn(name, `${publicUrl.href} was not tried: no server runs here`, 'Start the server, then ask again.'),
    ]
  const said = there === undefined ? 'does not answer' : `answers with ${there.status}`
  return [
    ...plain,
    fail(
      name,
      `${publicUrl.href} ${said}, the server itself does`,
      'See the name in DNS, and that the proxy passes all paths on.',
    ),
  ]
}

/** The mail server: that it may be reached, and answers. */
export const lookAtMail: Look = async ({ settings: { smtp, egressAllow }, isOnline }) => {
  const name = 'mail'
  if (smtp === null) return [ok(name, 'ONEFOLD_SMTP_URL is not set; no mails are sent')]
  const { hostname, port, protocol } = new URL(smtp.url.reveal())
  const target = {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || (protocol === 'smtps:' ? 465 : 587),
  }
  const shown = `${target.host}:${target.port}`
  if (!isOnline) return [ok(name, `${shown}, from ${smtp.address}; not tried`)]
  try {
    const policy = createEgressPolicy({ allow: egressAllow })
    const socket = await connectChecked(policy, {
      ...target,
      timeoutMs: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    socket.destroy()
    return [ok(name, `${shown} answers, from ${smtp.address}`)]
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const repair =
      error.code === 'egress_refused'
        ? `Add ${target.host} to ONEFOLD_EGRESS_ALLOW.`
        : 'See ONEFOLD_SMTP_URL, and that the firewall lets it through.'
    return [fail(name, `${shown}: ${error.message}`, repair)]
  }
}

const MOST_HOSTS = 5
const SKEW_WARN_S = 30
const SKEW_FAIL_S = 240

/** Whether providers are reached under the egress policy, and whether this clock agrees with theirs. */
export const lookAtEgress: Look = async (patient) => {
  const { settings, isOnline, now } = patient
  if (!isOnline) return [ok('egress', 'not tried')]
  const { catalog } = await loadDefinitions(settings.definitions)
  const hosts = [...(catalog?.integrations.values() ?? [])].flatMap((each) => originOf(each) ?? []).slice(0, MOST_HOSTS)
  const transport = createTransport({ egress: createEgressPolicy({ allow: settings.egressAllow }) })
  try {
    const asked = hosts.map(async ({ name, url }): Promise<{ finding: Finding; skew?: number }> => {
      try {
        const { headers } = await transport.send({
          verb: 'GET',
          url,
          headers: [],
          timeoutMs: TIMEOUT_MS,
          maxBytes: MOST_BYTES,
        })
        const date = Date.parse(headers.date ?? '')
        return {
          finding: ok('egress', `${name}: ${url} answers`),
          ...(Number.isNaN(date) ? {} : { skew: (now() - date) / 1000 }),
        }
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        const repair =
          error.code === 'egress_refused'
            ? `Add its host to ONEFOLD_EGRESS_ALLOW, if that is meant.`
            : 'See DNS, the firewall and any proxy between here and there.'
        return { finding: warn('egress', `${name}: ${url}: ${error.message}`, repair) }
      }
    })
    const found = await Promise.all(asked)
    return [...found.map(({ finding }) => finding), clockFinding(found.flatMap(({ skew }) => skew ?? []))]
  } finally {
    await transport.close()
  }
}

/** The default host of an integration, where nothing has to be filled in. */
function originOf({ name, hosts }: Integration): { name: string; url: string } | undefined {
  const url = hosts.get('default')?.url
  return url?.isLiteral === true ? { name, url: url.source } : undefined
}

/** The clock that is nearest decides: one host may be wrong itself. */
function clockFinding(skews: readonly number[]): Finding {
  const [least] = [...skews].sort((a, b) => Math.abs(a) - Math.abs(b))
  if (least === undefined)
    return warn('clock', 'no host told the time to compare with', 'See that the time is kept by NTP (timedatectl).')
  const seconds = Math.round(Math.abs(least))
  const message = `${seconds} s ${least > 0 ? 'ahead of' : 'behind'} the hosts that were asked`
  const repair = 'Have NTP keep the time: webhooks are refused and tokens end at the wrong time otherwise.'
  if (seconds >= SKEW_FAIL_S) return fail('clock', message, repair)
  return seconds >= SKEW_WARN_S ? warn('clock', message, repair) : ok('clock', message)
}

/** Settings that can be read, and what a look cannot tell. */
export const lookAtSettings: Look = ({ settings: { unknown, isProduction, masterKeys } }: Patient) => {
  const strange = unknown.map((name) =>
    warn('settings', `there is no setting ${name}; it is ignored`, 'See onefold serve --help for the names.'),
  )
  const kept = isProduction || masterKeys !== null ? [] : [ok('settings', 'they can be read; not in production')]
  return [...strange, ...(kept.length > 0 ? kept : [ok('settings', 'they can be read')])]
}
