/** Calls of the server, with the proof of this page. */
import { facts, here } from './facts.js'

export async function call(path, body) {
  const headers = { 'content-type': 'application/json', 'x-onefold-link': facts.proof ?? '' }
  const response = await fetch(path, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    credentials: 'same-origin',
  })
  const text = await response.text()
  return { isOk: response.ok, status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

export async function state() {
  const response = await fetch(`${here}/session`, { credentials: 'same-origin' })
  return response.ok ? (await response.json()).status : 'none'
}
