const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const swc = require('@swc/core');
const ts = require('typescript');

/**
 * Makes everything CommonJS for Jest: our TypeScript, and the packages of node_modules that are ES modules (Nest is).
 * Types are not checked here; `npm run typecheck` does that.
 */
const own = readFileSync(__filename);
const packageTypes = new Map();

module.exports = {
  process(source, file) {
    if (file.endsWith('.ts')) return { code: fromTypeScript(source, file) };
    return { code: isEsModule(file) ? fromEsModule(source, file) : source };
  },
  getCacheKey(source, file) {
    const hash = createHash('sha1');
    for (const part of [own, ts.version, swc.version, process.version, file, source]) hash.update(part).update('\0');
    return hash.digest('hex');
  },
};

function fromTypeScript(source, file) {
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: false,
      esModuleInterop: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  // The sources name the compiled files; here only the sources are there.
  return outputText.replace(/require\((["'])(\.{1,2}\/[^"']+)\.js\1\)/g, 'require("$2")');
}

function fromEsModule(source, file) {
  const { code } = swc.transformSync(source, {
    filename: file,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
    swcrc: false,
  });
  return code.replaceAll('import.meta.resolve(', 'require.resolve(');
}

function isEsModule(file) {
  if (file.endsWith('.mjs')) return true;
  return file.endsWith('.js') && packageType(dirname(file)) === 'module';
}

function packageType(folder) {
  if (!packageTypes.has(folder)) {
    const manifest = join(folder, 'package.json');
    const type = existsSync(manifest)
      ? JSON.parse(readFileSync(manifest, 'utf8')).type
      : folder === dirname(folder)
        ? undefined
        : packageType(dirname(folder));
    packageTypes.set(folder, type);
  }
  return packageTypes.get(folder);
}
