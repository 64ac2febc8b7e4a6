import { isIP } from 'node:net'
import { EngineError } from '../../engine/index.ts'
import { createEgressPolicy } from '../transport/index.ts'

const LONGEST_URL = 2_048
const MOST_RECIPIENTS = 20
const PUBLIC = createEgressPolicy()

const bad = (where: string, message: string, hint?: string) =>
  new EngineError('invalid_body', message, { where, ...(hint === undefined ? {} : { hint }) })

/**
 * An address that events may be posted to: https, or http where the operator has allowed a host or network beyond the public
 * internet. Whether it may be reached is checked again at every connect. Throws invalid_body.
 */
export function checkedTarget(text: string, egressAllow: readonly string[]): string {
  const url = text.length <= LONGEST_URL && URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) throw bad('/url', 'url is no https address')
  if (url.username !== '' || url.password !== '') {
    throw bad('/url', 'url may hold no user and password', 'Deliveries are signed: check the signature instead.')
  }
  if (url.hash !== '') throw bad('/url', 'url may hold no fragment')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const policy = createEgressPolicy({ allow: egressAllow })
  const isAllowed = policy.allowsHost(host) || (isIP(host) !== 0 && policy.allowsAddress(host))
  const hint = 'ONEFOLD_EGRESS_ALLOW names further hosts and networks that requests may reach.'
  if (isIP(host) !== 0 && !isAllowed) throw bad('/url', `The egress policy forbids ${host}`, hint)
  const isInternal = isAllowed && !(isIP(host) !== 0 && PUBLIC.allowsAddress(host))
  if (url.protocol === 'http:' && !isInternal) {
    throw bad('/url', 'url must be https', `http is for hosts of your own. ${hint}`)
  }
  return url.href
}

/** Bare mail addresses, which cannot carry a header or a second recipient. Throws invalid_body. */
export function checkedRecipients(addresses: readonly string[]): readonly string[] {
  const wrong = addresses.find((address) => !/^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(address))
  if (wrong !== undefined)
    throw bad('/to', 'to holds something that is no plain mail address', 'Write name@example.com.')
  if (addresses.length === 0 || addresses.length > MOST_RECIPIENTS) {
    throw bad('/to', `to holds 1 to ${MOST_RECIPIENTS} addresses`)
  }
  return [...new Set(addresses)]
}
