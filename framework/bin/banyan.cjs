#!/usr/bin/env node
// The launcher: plain CommonJS that runs on any Node, so that an old one gets a sentence instead of a
// syntax error. It runs the built command line, or the sources where nothing has been built.
'use strict'

var childProcess = require('child_process')
var fs = require('fs')
var nodeModule = require('module')
var path = require('path')
var url = require('url')

var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 18)) {
  console.error('CLI_NODE_OLD  Node ' + process.versions.node + ' is too old; Banyan needs 22.18')
  console.error('  fix   Install Node 24 (nvm install 24), or run through npm where it is pinned.')
  process.exit(78)
}

var built = path.join(__dirname, '..', 'dist', 'cli', 'main.js')
var source = path.join(__dirname, '..', 'src', 'cli', 'main.ts')

if (fs.existsSync(built)) {
  nodeModule.enableCompileCache()
  void import(url.pathToFileURL(built).href)
} else {
  runSource()
}

/** Conditions are read when a process starts, so the sources need a process of their own. */
function runSource() {
  nodeModule.enableCompileCache()
  var flags = ['--conditions=source', '--disable-warning=ExperimentalWarning']
  var child = childProcess.spawn(process.execPath, flags.concat(source, process.argv.slice(2)), {
    stdio: 'inherit',
    env: Object.assign({ NODE_COMPILE_CACHE: nodeModule.getCompileCacheDir() }, process.env),
  })
  // A Ctrl-C reaches the child through the terminal; a SIGTERM is ours to pass on.
  process.on('SIGINT', function () {})
  process.on('SIGTERM', function () {
    child.kill('SIGTERM')
  })
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
