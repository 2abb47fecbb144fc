// usage: node duckdb.cjs FOLDER-WITH-node_modules ARCHIVE
// Reads the archive's records into a typed table with the columns that cogtrail keeps, and
// prints rows, seconds and the most memory held, in bytes.
'use strict';
const [where, archive] = process.argv.slice(2);
const { DuckDBInstance } = require(require.resolve('@duckdb/node-api', { paths: [where] }));

const record = `STRUCT(
    eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR, eventType VARCHAR,
    eventCategory VARCHAR, awsRegion VARCHAR, recipientAccountId VARCHAR,
    sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR,
    requestID UUID, eventID UUID,
    userIdentity STRUCT(type VARCHAR, arn VARCHAR, principalId VARCHAR, accessKeyId VARCHAR),
    requestParameters STRUCT(clientId VARCHAR, authFlow VARCHAR, challengeName VARCHAR,
                             userPoolId VARCHAR, identityId VARCHAR),
    additionalEventData STRUCT(sub VARCHAR, userPoolId VARCHAR))`.replace(/\s+/g, ' ');

async function main() {
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    const start = process.hrtime.bigint();
    await connection.run(`
        create table events as
        select r.* exclude (userIdentity, requestParameters, additionalEventData),
               r.userIdentity.type as actor_type, r.userIdentity.arn as actor,
               r.userIdentity.accessKeyId as access_key,
               r.requestParameters.clientId as client, r.requestParameters.authFlow as flow,
               r.requestParameters.challengeName as challenge,
               r.requestParameters.identityId as identity,
               r.additionalEventData.sub as sub,
               coalesce(r.requestParameters.userPoolId, r.additionalEventData.userPoolId) as pool
        from (select unnest(Records) as r
              from read_json('${archive.replaceAll("'", "''")}/**/*.json.gz',
                             columns = {Records: '${record}[]'}))
        order by r.eventTime`);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const answer = await connection.runAndReadAll('select count(*) from events');
    const peak = process.resourceUsage().maxRSS * 1024;
    console.log(`${answer.getRows()[0][0]} ${seconds.toFixed(3)} ${peak}`);
}

main().catch((error) => {
    console.error(`duckdb: ${error.message}`);
    process.exit(1);
});
