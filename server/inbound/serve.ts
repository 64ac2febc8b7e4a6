import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Services } from '../api/context.ts'
import { readStream } from '../http/body.ts'
import type { NodeHandler } from '../http/forward-handler.ts'
import { createHostCheck, type HostCheck, hostRefused } from '../http/hosts.ts'
import { closeScope, failureOf, openScope, scopeHeaders } from '../http/scope.ts'
import { Intake } from './intake.ts'
import { EndpointLookups } from './lookups.ts'
import { INBOUND_PATH } from './names.ts'
import { DeliveryRates } from './rates.ts'
import { type Arrival, type Desk, MAX_BYTES, receiveDelivery } from './receive.ts'

/** Whether a request is a delivery. */
export const isDelivery = ({ method, url }: IncomingMessage): boolean =>
  method === 'POST' && url?.startsWith(`${INBOUND_PATH}/`) === true

/**
 * Takes what providers deliver, over raw streams: a stream of the web for each costs more than all the rest. Nobody presents a
 * token: the address is random, and deliveries are signed.
 */
export function createInboundHandler(services: Services): NodeHandler {
  const { endpoints } = services.stores.inbound
  const desk: Desk = {
    services,
    intake: new Intake(services),
    lookups: new EndpointLookups((urlId) => endpoints.find(urlId)),
    rates: new DeliveryRates(() => services.clock.now()),
  }
  const isHost = createHostCheck(services.settings)
  return (request, response) => void serve(desk, isHost, request, response)
}

async function serve(desk: Desk, isHost: HostCheck, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { services } = desk
  const { headers } = request
  // The log names no address: whoever reads it could deliver there.
  const scope = openScope(services, 'POST', `${INBOUND_PATH}/-`, textOf(headers['x-request-id']))
  try {
    if (!isHost(headers.host)) throw hostRefused(headers.host)
    const text = await receiveDelivery(desk, arrivalOf(request), scope.trace)
    response.writeHead(200, { ...scopeHeaders(services, scope), 'content-type': 'text/plain; charset=utf-8' }).end(text)
  } catch (thrown) {
    const failure = failureOf(services, scope, thrown)
    // What is left of the body is read by nobody.
    const ending = request.complete ? {} : { connection: 'close' }
    response.writeHead(failure.status, { ...failure.headers, ...ending }).end(JSON.stringify(failure.problem))
  }
  closeScope(services, scope, 'inbound', response.statusCode)
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header

function arrivalOf(request: IncomingMessage): Arrival {
  const target = (request.url ?? '').slice(INBOUND_PATH.length + 1)
  const mark = target.indexOf('?')
  const headers = Object.entries(request.headers).map(([name, value]) => [name, textOf(value) ?? ''])
  return {
    urlId: mark < 0 ? target : target.slice(0, mark),
    headers: Object.fromEntries(headers),
    query: mark < 0 ? {} : Object.fromEntries(new URLSearchParams(target.slice(mark))),
    body: () => readStream(request, request.headers['content-length'], MAX_BYTES),
  }
}
