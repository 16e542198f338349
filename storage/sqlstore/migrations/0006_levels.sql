-- What holds for an item at a location only. Items that have any say so, so that no other is asked.

CREATE TABLE {levels} (
	tenant    {id}   NOT NULL,
	item      {id}   NOT NULL,
	location  {id}   NOT NULL,
	safety    BIGINT,
	frozen    BIGINT NOT NULL,
	untracked BIGINT NOT NULL,
	unstocked BIGINT NOT NULL,
	version   BIGINT NOT NULL,
	PRIMARY KEY (tenant, item, location)
){clustered};
ALTER TABLE {items} ADD COLUMN leveled BIGINT;
