'use strict'

const words = { en: 'Hello', de: 'Hallo', fr: 'Bonjour', it: 'Ciao', pt: 'Olá', sv: 'Hej' }

function greet (name, language) {
  return `${words[language] || words.en}, ${name || 'world'}!`
}

module.exports = { greet, words }
