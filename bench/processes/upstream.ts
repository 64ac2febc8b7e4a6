import type { RequestListener } from 'node:http'
import { answerParent } from '../harness/answer.ts'
import { listen } from '../harness/listen.ts'
import { Pages, spoiled } from '../upstream/pages.ts'

// The provider of the benches: canned answers, so that what it costs does not depend on who asks.
let pages = new Pages()
let seen: string[] | undefined

const handle: RequestListener = (request, response) => {
  const target = request.url ?? '/'
  seen?.push(target)
  const body = pages.answer(target)
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': 'req_bench',
    'stripe-version': request.headers['stripe-version'] ?? 'none',
  })
  response.end(body)
}

answerParent({
  listen: () => listen(handle),
  /** From here on, each record has fields that fail. */
  spoil: () => {
    pages = new Pages(spoiled)
  },
  /** Notes the targets asked for from now on. */
  watch: () => {
    seen = []
  },
  /** The targets noted; none are any more. */
  seen: () => {
    const told = seen
    seen = undefined
    return told
  },
})
