-- What a tenant keeps beside orders and the ledger, each whole in one row: purchase orders, transfers, counts and the
-- like. Those that are not live are in no index that a command reads.

CREATE TABLE {documents} (
	tenant  {id}   NOT NULL,
	kind    {id}   NOT NULL,
	id      {id}   NOT NULL,
	parent  {id}   NOT NULL,
	ord     BIGINT NOT NULL,
	live    BIGINT NOT NULL,
	version BIGINT NOT NULL,
	body    {text} NOT NULL,
	PRIMARY KEY (tenant, kind, id)
){clustered};
CREATE INDEX {documents}_parent ON {documents} (tenant, kind, parent, ord, id);
{partial}CREATE INDEX {documents}_live ON {documents} (tenant, kind, parent, ord, id) WHERE live = 1;
{plain}CREATE INDEX {documents}_live ON {documents} (tenant, kind, live, parent, ord, id);
