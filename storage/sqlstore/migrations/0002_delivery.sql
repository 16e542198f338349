-- How far the consumers of the event log have come. Times are microseconds since 1970 in UTC and NULL for none.

CREATE TABLE {cursors} (
	tenant      {id}   NOT NULL,
	consumer    {id}   NOT NULL,
	shard       BIGINT NOT NULL,
	shards      BIGINT NOT NULL,
	done_to     BIGINT NOT NULL,
	letters     BIGINT NOT NULL,
	claims      BIGINT NOT NULL,
	careful     BIGINT NOT NULL,
	owner       {text} NOT NULL,
	lease_until BIGINT,
	version     BIGINT NOT NULL,
	PRIMARY KEY (tenant, consumer, shard)
){clustered};

CREATE TABLE {letters} (
	tenant    {id}   NOT NULL,
	consumer  {id}   NOT NULL,
	shard     BIGINT NOT NULL,
	aggregate {id}   NOT NULL,
	seq       BIGINT NOT NULL,
	attempts  BIGINT NOT NULL,
	error     {text} NOT NULL,
	at        BIGINT,
	due       BIGINT,
	dead      BIGINT NOT NULL,
	version   BIGINT NOT NULL,
	PRIMARY KEY (tenant, consumer, shard, aggregate)
){clustered};
