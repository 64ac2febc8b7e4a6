/** What the server wrote into the page. */
export const facts = document.body.dataset
export const here = `/link/${facts.link}`

/** An element that is on this screen. */
export const at = (id) => document.getElementById(id)
