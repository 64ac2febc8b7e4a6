import ipaddr from 'ipaddr.js'
import { EngineError } from '../../engine/index.ts'

/** What requests may reach beyond the public internet. */
export interface EgressOptions {
  /** Host names (any address of theirs), addresses and CIDRs. Default none. */
  readonly allow?: readonly string[] | undefined
  /** Exact origins that requests granted to an account may reach, such as the sandbox's. Default none. */
  readonly origins?: readonly string[] | undefined
}

/** Decides which addresses a socket may connect to. */
export interface EgressPolicy {
  /** Whether a host name or its literal address was allowed by name. */
  allowsHost(hostname: string): boolean
  /** Whether a socket may go to this address. */
  allowsAddress(address: string): boolean
  /** Whether this is an exact origin that only granted requests may reach. */
  isReserved(origin: string): boolean
}

/**
 * The policy of the sandbox's deliveries: this machine, and beyond it only what is allowed by name or range. What is merely
 * public is closed. Throws config_invalid.
 */
export function createNarrowEgressPolicy(allow: readonly string[] = []): EgressPolicy {
  const open = createEgressPolicy()
  const given = createEgressPolicy({ allow: ['localhost', '127.0.0.0/8', '::1', ...allow] })
  return {
    allowsHost: given.allowsHost,
    allowsAddress: (address) => given.allowsAddress(address) && !open.allowsAddress(address),
    isReserved: () => false,
  }
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

const PUBLIC_V6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/** The address a packet would end at: IPv4 mapped into IPv6, or behind a NAT64 prefix, is that IPv4. */
function effective(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  return address.range() === 'rfc6052' ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv6 ? address.match(PUBLIC_V6) : true
}

const matches = (address: ipaddr.IPv4 | ipaddr.IPv6, [base, bits]: Range): boolean =>
  address.kind() === base.kind() && address.match([base, bits] as [ipaddr.IPv4, number])

const unbracketed = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()

function parseRange(text: string): Range | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined
  const address = effective(ipaddr.parse(text))
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

const invalid = (entry: string): EngineError =>
  new EngineError('config_invalid', `'${entry}' is no host name, address, CIDR or origin of the egress policy`)

/**
 * The egress policy: public addresses, the allowed ones, and reserved origins for granted requests. Loopback, private,
 * link-local, carrier-grade NAT, metadata, multicast and tunnel ranges are closed. Throws config_invalid.
 */
export function createEgressPolicy(options: EgressOptions = {}): EgressPolicy {
  const hosts = new Set<string>()
  const ranges: Range[] = []
  for (const entry of (options.allow ?? []).map((text) => unbracketed(text.trim())).filter((text) => text !== '')) {
    const range = parseRange(entry)
    if (range !== undefined) ranges.push(range)
    else if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(entry) && !/^[\d.]+$/.test(entry)) hosts.add(entry)
    else throw invalid(entry)
  }
  const origins = new Set<string>()
  for (const entry of options.origins ?? []) {
    const origin = URL.canParse(entry) ? new URL(entry).origin : 'null'
    if (origin === 'null') throw invalid(entry)
    origins.add(origin)
  }
  return {
    allowsHost: (hostname) => hosts.has(unbracketed(hostname)),
    allowsAddress: (text) => {
      if (!ipaddr.isValid(text)) return false
      const address = effective(ipaddr.parse(text))
      return isPublic(address) || ranges.some((range) => matches(address, range))
    },
    isReserved: (origin) => origins.has(origin),
  }
}
