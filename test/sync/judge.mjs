// DuckDB, installed beside the project: reads a file as it takes it, and tells its rows and the types of its columns as JSON.
const [folder, file, kind] = process.argv.slice(2)
const { DuckDBInstance } = await import(`${folder}/node_modules/@duckdb/node-api/lib/index.js`)
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const name = `'${file.replaceAll("'", "''")}'`
// A cell that is quoted is text, also an empty one; what an amount is, a file without types does not tell.
const csv = `read_csv(${name}, header = true, allow_quoted_nulls = false, types = {'amount': 'BIGINT', 'created_at': 'VARCHAR'})`
const source = kind === 'parquet' ? `read_parquet(${name})` : csv
const rows = (await connection.runAndReadAll(`select * from ${source}`)).getRowObjectsJson()
const types = (await connection.runAndReadAll(`describe select * from ${source}`)).getRowObjectsJson()
const sums = (
  await connection.runAndReadAll(`select currency, sum(amount) as total from ${source} group by currency`)
).getRowObjectsJson()
process.stdout.write(
  JSON.stringify({
    rows,
    types: Object.fromEntries(types.map(({ column_name, column_type }) => [column_name, column_type])),
    sums,
  }),
)
