'use strict'

const http = require('node:http')
const { page } = require('./page')

const port = Number(process.env.PORT || 8080)
const api = process.env.SHOP_API_URL || ''

async function shelf () {
  if (!api) return [{ name: 'The API is not connected yet', left: 1 }]
  const answer = await fetch(`${api}/shelf`, { signal: AbortSignal.timeout(2000) })
  return answer.json()
}

const server = http.createServer(async (request, response) => {
  try {
    if (request.url === '/healthz') {
      response.end('ok\n')
    } else {
      const body = page(await shelf())
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.end(body)
    }
  } catch (error) {
    response.statusCode = 502
    response.end('The shelf cannot be seen at the moment\n')
    console.log(`error: ${error.message}`)
  }
  console.log(`${request.method} ${request.url} ${response.statusCode}`)
})

server.listen(port, process.env.HOST || '0.0.0.0', () => console.log(`shop-web listens on port ${port}`))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
