/** The program of a cold process: imports what it is told, which may be nothing, and ends. */
for (const specifier of process.argv.slice(2)) await import(specifier);
process.exit();
