import { processRevocationResponse, revocationRequest } from 'oauth4webapi'
import { EngineError } from '../errors.ts'
import { clientAuthOf, clientOf, serverOf } from './client.ts'
import { optionsOf, sendFields } from './exchange.ts'
import { asGrantError } from './failure.ts'
import { type Party, textsAt, urlAt } from './party.ts'

/** Tokens in the order in which giving one back ends the grant. */
const TOKENS = ['refresh_token', 'access_token'] as const

/**
 * Tells the provider that a grant is over: RFC 7009, or the definition's own form. Nothing happens where the definition
 * knows no such call or the account holds no token. Throws EngineError when the provider did not agree.
 */
export async function revokeGrant(party: Party): Promise<void> {
  const { revoke } = party.oauth2
  if (revoke === undefined) return
  if (revoke.isOwn) {
    const headers = Object.fromEntries(textsAt(party, revoke.headers))
    const body = new URLSearchParams(textsAt(party, revoke.params))
    return agreed(party, (await sendFields(party, urlAt(party, revoke), { headers, body, as: revoke.body })).status)
  }
  const { credentials } = party.variables
  const hint = TOKENS.find((name) => credentials[name] !== undefined && credentials[name] !== '')
  if (hint === undefined) return
  const options = optionsOf(party, async (url, request) => {
    const { status } = await sendFields(party, url, { ...request, as: revoke.body })
    agreed(party, status)
    return new Response(null, { status: 200 })
  })
  try {
    const more = { ...options, additionalParameters: { token_type_hint: hint } }
    const token = credentials[hint] ?? ''
    await processRevocationResponse(
      await revocationRequest(serverOf(party), clientOf(party), clientAuthOf(party, revoke), token, more),
    )
  } catch (thrown) {
    throw asGrantError(party, thrown, undefined)
  }
}

function agreed({ integration: { name, label } }: Party, status: number): void {
  if (status >= 200 && status < 300) return
  const code = status === 429 ? 'rate_limited' : status >= 500 ? 'provider_unavailable' : 'provider_error'
  throw new EngineError(code, `${label} answered the revocation with status ${status}`, {
    provider: { name, status },
    sent: true,
  })
}
