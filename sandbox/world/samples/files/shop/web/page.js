'use strict'

const escape = text => text.replace(/[&<>"]/g, one => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one])

function page (shelf) {
  const rows = shelf.map(({ name, left }) => `<li>${escape(name)}: ${left > 0 ? `${left} left` : 'sold out'}</li>`)
  return `<!doctype html><html lang="en"><title>Acme shop</title><h1>Acme shop</h1><ul>${rows.join('')}</ul></html>`
}

module.exports = { page }
