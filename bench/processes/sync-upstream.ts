import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerParent } from '../harness/answer.ts'
import { listen } from '../harness/listen.ts'
import { ledgerPage } from '../upstream/ledger.ts'
import { Pages } from '../upstream/pages.ts'

// A provider with as many customers as it is told, each answer as late as it is told.
let size = 0
let latencyMs = 0
const pages = new Pages()

const handle: RequestListener = async (request, response) => {
  const target = request.url ?? '/'
  if (latencyMs > 0) await sleep(latencyMs)
  const body = target.split('?')[0] === '/v1/customers' ? ledgerPage(size, target) : pages.answer(target)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

answerParent({
  listen: () => listen(handle),
  /** From now on. */
  hold: (given: { readonly size: number; readonly latencyMs: number }) => {
    size = given.size
    latencyMs = given.latencyMs
  },
})
