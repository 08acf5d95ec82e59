'use strict'

const http = require('node:http')
const { greet } = require('./greet')

const port = Number(process.env.PORT || 8080)
const host = process.env.HOST || '0.0.0.0'
const language = process.env.GREETING_LANGUAGE || 'en'

const server = http.createServer((request, response) => {
  const address = new URL(request.url, 'http://localhost')
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  if (address.pathname === '/healthz') {
    response.end('ok\n')
  } else if (address.pathname === '/') {
    const query = address.searchParams
    response.end(greet(query.get('name'), query.get('language') || language) + '\n')
  } else {
    response.statusCode = 404
    response.end('not found\n')
  }
  console.log(`${request.method} ${request.url} ${response.statusCode}`)
})

server.listen(port, host, () => console.log(`greeter listens on port ${port}`))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
