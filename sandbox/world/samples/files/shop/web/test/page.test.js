'use strict'

const assert = require('node:assert')
const { test } = require('node:test')
const { page } = require('../page')

test('shows what is left', () => assert.match(page([{ name: 'Pears', left: 3 }]), /Pears: 3 left/))
test('says what is sold out', () => assert.match(page([{ name: 'Figs', left: 0 }]), /Figs: sold out/))
test('a name is no markup', () => assert.doesNotMatch(page([{ name: '<b>', left: 1 }]), /<b>/))
