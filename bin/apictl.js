#!/usr/bin/env node
const { join } = require('node:path');

require('./compiled.js').load(join(__dirname, '..', 'dist', 'main.cjs'));
