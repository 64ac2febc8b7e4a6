import type { Context, Hono } from 'hono'
import type { Services } from '../api/context.ts'
import { type HostCheck, hostRefused } from '../http/hosts.ts'
import { closeScope, failureOf, openScope, scopeHeaders } from '../http/scope.ts'
import { Intake } from './intake.ts'
import { INBOUND_PATH } from './names.ts'
import { DeliveryRates } from './rates.ts'
import { type Desk, receiveDelivery } from './receive.ts'

/** Where providers deliver what happened. Nobody presents a token: the address is random, and deliveries are signed. */
export function addInbound(app: Hono, services: Services, isHost: HostCheck): void {
  const intake = new Intake(services)
  const desk: Desk = { services, intake, rates: new DeliveryRates(() => services.clock.now()) }
  app.post(`${INBOUND_PATH}/:id`, (c) => serve(desk, c, isHost))
}

async function serve(desk: Desk, c: Context, isHost: HostCheck): Promise<Response> {
  const { services } = desk
  const request = c.req.raw
  const urlId = c.req.param('id') ?? ''
  // The log names no address: whoever reads it could deliver there.
  const scope = openScope(services, 'POST', `${INBOUND_PATH}/-`, request.headers.get('x-request-id'))
  let response: Response
  try {
    const host = request.headers.get('host') ?? new URL(request.url).host
    if (!isHost(host)) throw hostRefused(host)
    const text = await receiveDelivery(desk, urlId, request, scope.trace)
    const headers = { ...scopeHeaders(services, scope), 'content-type': 'text/plain; charset=utf-8' }
    response = new Response(text, { status: 200, headers })
  } catch (thrown) {
    const { status, headers, problem } = failureOf(services, scope, thrown)
    response = new Response(JSON.stringify(problem), { status, headers })
  }
  closeScope(services, scope, 'inbound', response.status)
  return response
}
