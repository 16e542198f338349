-- The log of an item by the moments of its postings: what there was at a moment is found without a look at what came
-- before it or after. The index takes the place of the one by postings, so that a movement costs what it did.

CREATE INDEX {stock_movements}_log ON {stock_movements} (tenant, item, at, posting, n);
{partial}DROP INDEX {stock_movements}_item;
{plain}DROP INDEX {stock_movements}_item ON {stock_movements};
