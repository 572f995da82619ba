/** The help texts below the options. */

export const PROGRAM_HELP = `
Examples:
  electro aggregate readings.json
  electro aggregate meters/ --timezone Europe/Paris --by-source
  electro aggregate --help

Exit status: 0 done, 1 input or disk failed, 2 wrong usage, 130 or 143 stopped by a signal.`;

export const AGGREGATE_HELP = `
Examples:
  Sum a file by the hours and days of UTC, into output_data/:
    electro aggregate readings.json
  A folder's files by the days of Paris, one row per meter, in a week:
    electro aggregate data/ --timezone Europe/Paris --by-source --from 2024-01-01 --to 2024-01-07
  Quarter hours, months, and the total of the period:
    electro aggregate data/ --resolutions 15min,month,total
  A CSV file with other names, in Wh, whose timestamps mark the end of each interval:
    electro aggregate load.csv --timestamp-field Time --value-field Energy --unit Wh --stamps end
  From a pipe, with the tables on the screen:
    zcat readings.ndjson.gz | electro aggregate - --print
  Set bad records aside instead of failing, and say so in a log for programs:
    electro aggregate 'in/*.json' --on-error skip --rejects bad.ndjson --log-format json

Input is JSON (an array, lines, a wrapped array), CSV or Parquet, also with gzip or zstd or in a
zip archive; NEM12 and Green Button, too: its content tells which. Of a folder, the .json, .jsonl,
.ndjson, .csv, .xml, .parquet and .zip files in it and below are read. An INPUT that begins with -
comes after --.

An option with a value may be given once. Standard output gets what --print or --json ask for and
nothing else; the log, the progress bar and the closing summary go to standard error.

Exit status: 0 done, 1 input or disk failed, 2 wrong usage, 130 or 143 stopped by a signal.
A run that fails or is stopped leaves the output folder as it was.`;

export const QUALITY_HELP = `
Examples:
  Can January be billed? The days of Berlin, the worst meters first:
    electro quality meters/ --timezone Europe/Berlin --from 2024-01-01 --to 2024-01-31
  What exactly is missing or duplicated:
    electro quality meters/ --findings
  For a spreadsheet, and for a program:
    electro quality readings.csv --csv > quality.csv
    electro quality readings.csv --json > quality.json
  What a store has:
    electro quality --store duckdb:electro.duckdb --from 2024-01-01 --to 2024-01-31

Without --from and --to a source is judged from its first reading to its last, so what is missing
before and after shows only with them. A day of 23 or 25 hours is no gap and nothing doubled.
An interval with a ? is uncertain: fewer than nine in ten readings fit it. Columns that do not fit
the terminal are left out; --csv has all.

Exit status: 0 done, whatever was found; 1 input failed, 2 wrong usage, 130 or 143 stopped.`;

export const TOKEN_HELP = `
Examples:
  A token for a meter gateway, which may send readings but not see any:
    electro token add gateway-3 --scope write
  One for a script that does both, in a file elsewhere:
    electro token add nightly --scope read,write --tokens /etc/electro/tokens.json
  One for whoever looks after the service and all batches:
    electro token add operator --scope admin
  One for a tenant, who sees two meters only, for 90 days:
    electro token add tenant-7 --scope read --source meter-7 --source meter-7b --expires 90d
  Listing tokens, replacing one, and revoking one:
    electro token list
    electro token rotate gateway-3
    electro token revoke gateway-3

A client sends its token as a header: Authorization: Bearer TOKEN. It is printed once, by add or
rotate, to standard output. The file has only a hash, so it cannot be shown again. Keys and
batches belong to the name: whoever gets a token of that name later can end them too.

Exit status: 0 done, 1 no such token or the file failed, 2 wrong usage, 130 or 143 stopped by a
signal.`;

export const SERVE_HELP = `
Examples:
  On this machine, with a store in this folder:
    electro serve
  For other machines, which need tokens; a proxy in front of the service should encrypt connections:
    electro token add gateway-3 --scope write
    electro serve --host 0.0.0.0 --store duckdb:/var/lib/electro/electro.duckdb
  Behind such a proxy on this machine; it does not start without the file of tokens:
    electro serve --tokens electro-tokens.json --trusted-proxy 127.0.0.1
  Sending readings, and asking for days:
    curl -H 'Content-Type: text/csv' --data-binary @readings.csv localhost:8080/v1/readings
    curl -H 'Accept: text/csv' 'localhost:8080/v1/daily?timezone=Europe/Paris'

While it runs, no other process can use its store. http://localhost:8080/docs describes the calls.

Exit status: 1 the store or the address is not available, 2 wrong usage, 130 or 143 stopped by a
signal, with everything that was accepted in the store.`;

export const CHECK_HELP = `
Examples:
  A store that no process has open, such as a backup:
    electro check --store duckdb:backup.duckdb
  The store of a running service, with a token of scope admin in a file:
    electro check --service http://127.0.0.1:8080 --token-file admin.token
  For a program:
    electro check --json

Exit status: 0 all sums are right, 1 something differs or the store cannot be read, 2 wrong usage,
130 or 143 stopped by a signal.`;

export const RETRACT_HELP = `
Examples:
  A batch of a store that no process has open; load --json printed its id:
    electro retract 5-6c7a0724c0 --store duckdb:electro.duckdb
  A batch of a running service, with a token of its sender, or of scope admin, in a file:
    electro retract 5-6c7a0724c0 --service http://127.0.0.1:8080 --token-file admin.token

Exit status: 0 the batch does not count, 1 there is no such batch, or the store or the service failed,
2 wrong usage, 130 or 143 stopped by a signal.`;

export const BACKUP_HELP = `
Examples:
  The store of a running service, with a token of scope admin in a file:
    electro backup --service http://127.0.0.1:8080 --token-file admin.token -o backup.duckdb
  A store that no process has open:
    electro backup --store duckdb:/var/lib/electro/electro.duckdb -o backup.duckdb
  Trying it:
    electro check --store duckdb:backup.duckdb

Exit status: 0 done, 1 store, service or disk failed, 2 wrong usage, 130 or 143 stopped by a signal.
Unless the status is 0, FILE is as it was.`;

export const COMPACT_HELP = `
Examples:
  A store that no process has open:
    electro compact --store duckdb:/var/lib/electro/electro.duckdb
  The store of a running service, with a token of scope admin in a file:
    electro compact --service http://127.0.0.1:8080 --token-file admin.token

A service does the same by itself when nothing is written and more than half of its store is free.

Exit status: 0 done, 1 the store or the disk failed, 2 wrong usage, 130 or 143 stopped by a signal.
Whatever it is, nothing is lost.`;

export const LOAD_HELP = `
Examples:
  Load a folder; the next night, the same again adds what is new:
    electro load readings/
  Into another store, with timestamps in Berlin's local time:
    electro load readings/ --store duckdb:/var/lib/electro/store.duckdb --input-timezone Europe/Berlin
  A corrected file in place of its earlier version:
    electro load readings/2024-03.csv --replace
  Then the files of electro aggregate, from the store:
    electro export --timezone Europe/Berlin --by-source

Each input is a batch, which counts completely or not at all. It is identified by its content and
the options that affect its meaning: a batch that already counts is not added again, whatever the
name of the file. A file that has changed since it was loaded is an error, unless --replace or
--again says what to do. If an input fails, the others are still loaded.

A store of this kind (duckdb:FILE) belongs to one process: while electro serve runs, send readings
to it instead.

Exit status: 0 done, 1 some input was not loaded, 2 wrong usage, 130 or 143 stopped by a signal.`;

export const EXPORT_HELP = `
Examples:
  Everything in the store, by the hours and days of Paris, into output_data/:
    electro export --timezone Europe/Paris
  Two meters' January:
    electro export --source meter-1 --source meter-2 --by-source --from 2024-01-01 --to 2024-01-31

A store has quarter hours of UTC: a zone whose clock does not fit them in the period is an error.
First and last in the manifest are the starts of quarter hours.

Exit status: 0 done, 1 store or disk failed, 2 wrong usage, 130 or 143 stopped by a signal.
A run that fails or is stopped leaves the output folder as it was.`;

export const PROFILES_HELP = `Examples:
  electro profiles
  electro profiles show octopus > mine.json
  electro aggregate readings.csv --profile ./mine.json

A table whose header is exactly that of a profile is read by it, and the run says so. An option that is given replaces
the profile's; --profile none turns it off. What a profile may have is in profiles/schema.json of the package.`;
