'use strict'

const assert = require('node:assert')
const { test } = require('node:test')
const { greet } = require('../greet')

test('greets the world by default', () => assert.equal(greet(), 'Hello, world!'))
test('greets in the language asked for', () => assert.equal(greet('Ada', 'pt'), 'Olá, Ada!'))
test('falls back to English', () => assert.equal(greet('Ada', 'xx'), 'Hello, Ada!'))
