import ts from "typescript";

const strictest: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
};

/**
 * Type-checks files that exist only in memory, as if they stood where their names say.
 *
 * @param files - absolute name → text.
 * @param options - on top of strict nodenext; `lib` as file names ("lib.es2023.d.ts").
 * @returns one `name:line: message` per error, those inside other packages included.
 */
export function compile(files: ReadonlyMap<string, string>, options: ts.CompilerOptions): string[] {
  const host = ts.createCompilerHost({ ...strictest, ...options });
  const disk = { ...host };
  host.fileExists = (name) => files.has(name) || disk.fileExists(name);
  host.readFile = (name) => files.get(name) ?? disk.readFile(name);
  host.getSourceFile = (name, languageVersion) => {
    const text = files.get(name);
    return text === undefined
      ? disk.getSourceFile(name, languageVersion)
      : ts.createSourceFile(name, text, languageVersion);
  };
  const program = ts.createProgram([...files.keys()], { ...strictest, ...options }, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    if (file === undefined) return message;
    return `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${message}`;
  });
}
