-- The statements of the library, for mysql. An INSERT may have more rows, a list more
-- values, an UPDATE another choice of columns, a page more or fewer conditions.

DELETE FROM oms_letters WHERE tenant = ? AND consumer = ? AND shard = ? AND aggregate = ?;

DELETE FROM oms_order_lines WHERE tenant = ? AND order_id = ? AND line_no = ?;

INSERT INTO oms_commands (tenant, id, command, hash, result, at) VALUES (?, ?, ?, ?, ?, ?);

INSERT INTO oms_cursors (tenant, consumer, shard, shards, done_to, letters, claims, careful, owner, lease_until, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_events (tenant, aggregate, version, id, seq, kind, at, actor, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_feeds (tenant, last) VALUES (?, ?);

INSERT INTO oms_fulfillments (tenant, id, order_id, location, work, live, version, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_items (tenant, id, sku, name, scale, untracked, backorder, safety, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE sku = VALUES(sku), name = VALUES(name), scale = VALUES(scale), untracked = VALUES(untracked), backorder = VALUES(backorder), safety = VALUES(safety), body = VALUES(body);

INSERT INTO oms_letters (tenant, consumer, shard, aggregate, seq, attempts, error, at, due, dead, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_levels (tenant, item, location, safety, frozen, untracked, unstocked, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_locations (tenant, id, name, priority, lat, lng, country, inactive) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), priority = VALUES(priority), lat = VALUES(lat), lng = VALUES(lng), country = VALUES(country), inactive = VALUES(inactive);

INSERT INTO oms_order_lines (tenant, order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_orders (tenant, id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_reservations (tenant, owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_returns (tenant, id, order_id, customer, state, version, body) VALUES (?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_shipments (tenant, id, order_id, fulfillment_id, location, state, version, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_stock_balances (tenant, item, location, lot, free, soft, committed, picked, packed, qc, damaged, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

RELEASE SAVEPOINT oms_savepoint_1;

SAVEPOINT oms_savepoint_1;

SELECT aggregate, version, id FROM oms_events FORCE INDEX (oms_events_seq) WHERE tenant = ? AND seq = 0 AND aggregate IN (?) ORDER BY id;

SELECT aggregate, version, id FROM oms_events FORCE INDEX (oms_events_seq) WHERE tenant = ? AND seq = 0 ORDER BY id LIMIT ?;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events FORCE INDEX (oms_events_seq) WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = ? AND aggregate = ? AND seq > ? ORDER BY seq LIMIT ?;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = ? AND aggregate = ? AND version >= ? AND (version > ? OR (id > ?)) ORDER BY version, id LIMIT ?;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = ? AND aggregate = ? ORDER BY version, id LIMIT ?;

SELECT consumer, shard, aggregate, seq, attempts, error, at, due, dead, version FROM oms_letters WHERE tenant = ? AND consumer = ? AND shard = ? ORDER BY aggregate;

SELECT consumer, shard, shards, done_to, letters, claims, careful, owner, lease_until, version FROM oms_cursors WHERE tenant = ? AND consumer = ? ORDER BY shard;

SELECT i.id, i.sku, i.name, i.scale, i.untracked, i.backorder, i.safety, i.body, b.location, b.lot, b.free, b.soft, b.committed, b.picked, b.packed, b.qc, b.damaged, b.held, l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive, i.leveled FROM oms_items i LEFT JOIN oms_stock_balances b ON b.tenant = i.tenant AND b.item = i.id LEFT JOIN oms_locations l ON l.tenant = b.tenant AND l.id = b.location WHERE i.tenant = ? AND i.id IN (?, ?, ?, ?);

SELECT id, command, hash, result, at FROM oms_commands WHERE tenant = ? AND id = ?;

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?;

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = ? AND id IN (?);

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = ? AND id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = ? ORDER BY id LIMIT ?;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_pay_by) WHERE o.tenant = ? AND o.id < ? AND o.pay_by < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?) AS b0 UNION ALL SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_pay_by) WHERE o.tenant = ? AND o.id < ? AND o.pay_by < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?) AS b1 ORDER BY id DESC LIMIT ?;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.placed_at >= ? AND o.placed_at < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?) AS b0 UNION ALL SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.placed_at >= ? AND o.placed_at < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?) AS b1 ORDER BY id DESC LIMIT ?;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?) AS b0 UNION ALL SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?) AS b1 ORDER BY id DESC LIMIT ?;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM oms_orders WHERE tenant = ? AND id = ?;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM oms_orders WHERE tenant = ? AND number = ?;

SELECT id, order_id, customer, state, version, body FROM (SELECT id, order_id, customer, state, version, body FROM oms_returns FORCE INDEX (oms_returns_state) WHERE tenant = ? AND id < ? AND state = ? ORDER BY id DESC LIMIT ?) AS b0 UNION ALL SELECT id, order_id, customer, state, version, body FROM (SELECT id, order_id, customer, state, version, body FROM oms_returns FORCE INDEX (oms_returns_state) WHERE tenant = ? AND id < ? AND state = ? ORDER BY id DESC LIMIT ?) AS b1 ORDER BY id DESC LIMIT ?;

SELECT id, order_id, customer, state, version, body FROM oms_returns FORCE INDEX (oms_returns_customer) WHERE tenant = ? AND id < ? AND customer = ? AND state IN (?) ORDER BY id DESC LIMIT ?;

SELECT id, order_id, customer, state, version, body FROM oms_returns FORCE INDEX (oms_returns_customer) WHERE tenant = ? AND id < ? AND customer = ? ORDER BY id DESC LIMIT ?;

SELECT id, order_id, customer, state, version, body FROM oms_returns FORCE INDEX (oms_returns_order) WHERE tenant = ? AND order_id = ? ORDER BY id;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = ? AND id = ?;

SELECT id, order_id, fulfillment_id, location, state, version, body FROM oms_shipments FORCE INDEX (oms_shipments_order) WHERE tenant = ? AND order_id = ? ORDER BY id;

SELECT id, order_id, fulfillment_id, location, state, version, body FROM oms_shipments WHERE tenant = ? AND id = ?;

SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments FORCE INDEX (oms_fulfillments_location) WHERE tenant = ? AND id < ? AND location = ? AND live = ? ORDER BY id DESC LIMIT ?) AS b0 UNION ALL SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments FORCE INDEX (oms_fulfillments_location) WHERE tenant = ? AND id < ? AND location = ? AND live = ? ORDER BY id DESC LIMIT ?) AS b1 ORDER BY id DESC LIMIT ?;

SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments FORCE INDEX (oms_fulfillments_location) WHERE tenant = ? AND id < ? AND location = ? AND work IN (?, ?) AND live = ? ORDER BY id DESC LIMIT ?) AS b0 UNION ALL SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments FORCE INDEX (oms_fulfillments_location) WHERE tenant = ? AND id < ? AND location = ? AND work IN (?, ?) AND live = ? ORDER BY id DESC LIMIT ?) AS b1 ORDER BY id DESC LIMIT ?;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments FORCE INDEX (oms_fulfillments_live) WHERE tenant = ? AND id < ? AND work IN (?, ?) AND live = ? ORDER BY id DESC LIMIT ?;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments FORCE INDEX (oms_fulfillments_order) WHERE tenant = ? AND order_id = ? ORDER BY id;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = ? AND id = ?;

SELECT id, sku, name, scale, untracked, backorder, safety, body FROM oms_items WHERE tenant = ? AND id = ?;

SELECT id, sku, name, scale, untracked, backorder, safety, body FROM oms_items WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?;

SELECT id, sku, name, scale, untracked, backorder, safety, body FROM oms_items WHERE tenant = ? ORDER BY id LIMIT ?;

SELECT id, sku, name, scale, untracked, backorder, safety, body, leveled FROM oms_items WHERE tenant = ? AND id IN (?, ?, ?, ?);

SELECT id, sku, name, scale, untracked, backorder, safety, body, leveled FROM oms_items WHERE tenant = ? AND id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

SELECT item, location, CASE WHEN lot = '' THEN NULL ELSE lot END, free FROM oms_stock_balances WHERE tenant = ? AND free > 0 AND item IN (?, ?, ?, ?) AND location IN (?);

SELECT item, location, CASE WHEN lot = '' THEN NULL ELSE lot END, free FROM oms_stock_balances WHERE tenant = ? AND free > 0 AND item IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

SELECT item, location, lot, free, soft, committed, picked, packed, qc, damaged, held FROM oms_stock_balances WHERE tenant = ? AND item >= ? AND (item > ? OR (location >= ? AND (location > ? OR (lot > ?)))) ORDER BY item, location, lot LIMIT ?;

SELECT item, location, lot, free, soft, committed, picked, packed, qc, damaged, held FROM oms_stock_balances WHERE tenant = ? ORDER BY item, location, lot LIMIT ?;

SELECT item, location, safety, frozen, untracked, unstocked, version FROM oms_levels WHERE tenant = ? AND item >= ? AND (item > ? OR (location > ?)) ORDER BY item, location LIMIT ?;

SELECT item, location, safety, frozen, untracked, unstocked, version FROM oms_levels WHERE tenant = ? ORDER BY item, location LIMIT ?;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents FORCE INDEX (oms_documents_live) WHERE tenant = ? AND kind = ? AND live = 1 AND parent IN (?) AND ord < ? ORDER BY parent, ord, id LIMIT ?;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents FORCE INDEX (oms_documents_live) WHERE tenant = ? AND kind = ? AND live = 1 ORDER BY parent, ord, id LIMIT ?;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents FORCE INDEX (oms_documents_parent) WHERE tenant = ? AND kind = ? AND parent IN (?) ORDER BY parent DESC, ord DESC, id DESC LIMIT ?;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents FORCE INDEX (oms_documents_parent) WHERE tenant = ? AND kind = ? AND parent IN (?, ?) AND parent >= ? AND (parent > ? OR (ord >= ? AND (ord > ? OR (id > ?)))) ORDER BY parent, ord, id LIMIT ?;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents WHERE tenant = ? AND kind = ? AND id IN (?, ?);

SELECT last FROM oms_feeds WHERE tenant = ?;

SELECT last FROM oms_feeds WHERE tenant = ? FOR UPDATE;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS SIGNED), COUNT(*) FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at <= ? AND (at <= ? AND (at < ? OR (posting <= ? AND (posting < ? OR (n < ?)))) OR at = ? AND posting = ? AND n = ?) GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS SIGNED), COUNT(*) FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at >= ? AND (at > ? OR (posting >= ? AND (posting > ? OR (n > ?)))) AND at <= ? AND (at <= ? AND (at < ? OR (posting <= ? AND (posting < ? OR (n < ?)))) OR at = ? AND posting = ? AND n = ?) GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS SIGNED), COUNT(*) FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NULL AND posting <= ? AND (posting <= ? AND (posting < ? OR (n < ?)) OR posting = ? AND n = ?) GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS SIGNED), COUNT(*) FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NULL GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_order_lines l FORCE INDEX (oms_order_lines_item) JOIN oms_orders o ON o.tenant = l.tenant AND o.id = l.order_id WHERE l.tenant = ? AND l.item = ? AND l.order_id < ? AND NOT EXISTS (SELECT 1 FROM oms_order_lines e FORCE INDEX (oms_order_lines_item) WHERE e.tenant = l.tenant AND e.item = l.item AND e.order_id = l.order_id AND e.line_no < l.line_no) AND o.state IN (?, ?) AND o.customer = ? AND o.customer <> '' ORDER BY l.order_id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_order_lines l FORCE INDEX (oms_order_lines_item) JOIN oms_orders o ON o.tenant = l.tenant AND o.id = l.order_id WHERE l.tenant = ? AND l.item = ? AND l.order_id < ? AND NOT EXISTS (SELECT 1 FROM oms_order_lines e FORCE INDEX (oms_order_lines_item) WHERE e.tenant = l.tenant AND e.item = l.item AND e.order_id = l.order_id AND e.line_no < l.line_no) ORDER BY l.order_id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_customer) WHERE o.tenant = ? AND o.id < ? AND o.customer = ? AND o.customer <> '' ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_customer) WHERE o.tenant = ? AND o.id < ? AND o.state IN (?, ?) AND o.customer = ? AND o.customer <> '' ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_on_hold) WHERE o.tenant = ? AND o.id < ? AND o.on_hold = 1 ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_on_hold) WHERE o.tenant = ? AND o.id < ? AND o.state IN (?, ?) AND o.on_hold = 1 ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_partial) WHERE o.tenant = ? AND o.id < ? AND o.fulfillment = 'partial' ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_pay_by) WHERE o.tenant = ? AND o.id < ? AND o.pay_by < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_payment) WHERE o.tenant = ? AND o.id < ? AND o.payment = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_placed) WHERE o.tenant = ? AND o.id < ? AND o.placed_at >= ? AND o.placed_at < ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_returns) WHERE o.tenant = ? AND o.id < ? AND o.returns = ? AND o.returns <> 'none' ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.payment = ? AND o.state = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.returns = 'none' AND o.state = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o FORCE INDEX (oms_orders_state) WHERE o.tenant = ? AND o.id < ? AND o.state = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? AND o.channel = ? AND o.fulfillment = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? AND o.fulfillment = ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? AND o.pay_by < ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? AND o.placed_at < ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? AND o.placed_at >= ? ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? AND o.returns = 'none' ORDER BY o.id DESC LIMIT ?;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = ? AND o.id < ? ORDER BY o.id DESC LIMIT ?;

SELECT order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata FROM oms_order_lines WHERE tenant = ? AND order_id = ? ORDER BY line_no;

SELECT order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata FROM oms_order_lines WHERE tenant = ? AND order_id >= ? AND order_id <= ? ORDER BY order_id, line_no;

SELECT order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata FROM oms_order_lines WHERE tenant = ? AND order_id IN (?, ?) ORDER BY order_id, line_no;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations FORCE INDEX (oms_reservations_soft) WHERE tenant = ? AND item IN (?) AND soft > 0 AND soft_until <= ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations FORCE INDEX (oms_reservations_soft) WHERE tenant = ? AND item IN (?, ?, ?, ?) AND soft > 0 AND soft_until <= ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations FORCE INDEX (oms_reservations_soft) WHERE tenant = ? AND item IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND soft > 0 AND soft_until <= ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = ? AND item = ? AND open_units > 0 AND owner >= ? AND (owner > ? OR (line >= ? AND (line > ? OR (item >= ? AND (item > ? OR (location >= ? AND (location > ? OR (lot > ?)))))))) ORDER BY owner, line, item, location, lot LIMIT ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = ? AND item = ? AND open_units > 0 ORDER BY owner, line, item, location, lot LIMIT ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = ? AND owner = ? AND open_units > 0 ORDER BY owner, line, item, location, lot LIMIT ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = ? AND owner = ? ORDER BY owner, line, item, location, lot;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = ? AND owner >= ? AND (owner > ? OR (line >= ? AND (line > ? OR (item >= ? AND (item > ? OR (location >= ? AND (location > ? OR (lot > ?)))))))) ORDER BY owner, line, item, location, lot LIMIT ?;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = ? ORDER BY owner, line, item, location, lot LIMIT ?;

SELECT posting FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? LIMIT 1;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_document) WHERE tenant = ? AND document = ? AND document <> '' AND item = ? AND (at IS NULL OR at < ?) AND at IS NOT NULL AND at >= ? AND (at > ? OR (posting >= ? AND (posting > ? OR (n > ?)))) ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_document) WHERE tenant = ? AND document = ? AND document <> '' AND item = ? AND at IS NOT NULL AND at >= ? AND (at > ? OR (posting >= ? AND (posting > ? OR (n > ?)))) ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_document) WHERE tenant = ? AND document = ? AND document <> '' AND item = ? AND at IS NOT NULL ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_document) WHERE tenant = ? AND document = ? AND document <> '' AND item = ? AND at IS NULL ORDER BY posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND (from_location = ? AND from_state = ? OR to_location = ? AND to_state = ?) AND at >= ? AND at IS NOT NULL AND at <= ? AND (at < ? OR (posting <= ? AND (posting < ? OR (n < ?)))) ORDER BY at DESC, posting DESC, n DESC LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND (from_location = ? AND from_state = ? OR to_location = ? AND to_state = ?) AND at >= ? AND at IS NULL ORDER BY posting DESC, n DESC LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NOT NULL AND at <= ? AND at >= ? AND (at > ? OR (posting >= ? AND (posting > ? OR (n > ?)))) ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NOT NULL AND at <= ? ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NOT NULL AND at >= ? AND (at > ? OR (posting >= ? AND (posting > ? OR (n > ?)))) ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NOT NULL ORDER BY at DESC, posting DESC, n DESC LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NOT NULL ORDER BY at, posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NULL AND posting >= ? AND (posting > ? OR (n > ?)) ORDER BY posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements FORCE INDEX (oms_stock_movements_log) WHERE tenant = ? AND item = ? AND at IS NULL ORDER BY posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = ? AND posting = ? ORDER BY n;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = ? AND posting >= ? AND (posting > ? OR (n > ?)) ORDER BY posting, n LIMIT ?;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = ? ORDER BY posting, n LIMIT ?;

SELECT tenant FROM oms_cursors WHERE tenant = ? AND consumer = ? AND shard = ? FOR UPDATE;

SELECT tenant FROM oms_documents WHERE tenant = ? AND kind = ? AND id = ? FOR UPDATE;

SELECT tenant FROM oms_fulfillments WHERE tenant = ? AND id = ? FOR UPDATE;

SELECT tenant FROM oms_letters WHERE tenant = ? AND consumer = ? AND shard = ? AND aggregate = ? FOR UPDATE;

SELECT tenant FROM oms_levels WHERE tenant = ? AND item = ? AND location = ? FOR UPDATE;

SELECT tenant FROM oms_order_lines WHERE tenant = ? AND order_id = ? AND line_no = ? FOR UPDATE;

SELECT tenant FROM oms_orders WHERE tenant = ? AND id = ? FOR UPDATE;

SELECT tenant FROM oms_reservations WHERE tenant = ? AND owner = ? AND line = ? AND item = ? AND location = ? AND lot = ? FOR UPDATE;

SELECT tenant FROM oms_returns WHERE tenant = ? AND id = ? FOR UPDATE;

SELECT tenant FROM oms_shipments WHERE tenant = ? AND id = ? FOR UPDATE;

SELECT tenant FROM oms_stock_balances WHERE tenant = ? AND item = ? AND location = ? AND lot = ? FOR UPDATE;

SELECT v.item, v.location, v.safety, v.frozen, v.untracked, v.unstocked, v.version, l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive FROM oms_levels v LEFT JOIN oms_locations l ON l.tenant = v.tenant AND l.id = v.location WHERE v.tenant = ? AND v.item IN (?);

UPDATE oms_cursors SET shards = ?, done_to = ?, letters = ?, claims = ?, careful = ?, owner = ?, lease_until = ?, version = ? WHERE tenant = ? AND consumer = ? AND shard = ? AND version = ?;

UPDATE oms_events SET seq = ? WHERE tenant = ? AND aggregate = ? AND version = ? AND id = ? AND seq = 0;

UPDATE oms_feeds SET last = ? WHERE tenant = ?;

UPDATE oms_fulfillments SET version = ? WHERE tenant = ? AND id = ? AND version = ?;

UPDATE oms_items SET leveled = 1 WHERE tenant = ? AND id = ?;

UPDATE oms_letters SET seq = ?, attempts = ?, error = ?, at = ?, due = ?, dead = ?, version = ? WHERE tenant = ? AND consumer = ? AND shard = ? AND aggregate = ? AND version = ?;

UPDATE oms_levels SET safety = ?, frozen = ?, untracked = ?, unstocked = ?, version = ? WHERE tenant = ? AND item = ? AND location = ? AND version = ?;

UPDATE oms_order_lines SET ordered = ?, unreserved = ? WHERE tenant = ? AND order_id = ? AND line_no = ?;

UPDATE oms_orders SET version = ? WHERE tenant = ? AND id = ? AND version = ?;

UPDATE oms_reservations SET soft = ?, committed = ?, picked = ?, packed = ?, shipped = ?, released = ?, open_units = ?, soft_until = ?, version = ? WHERE tenant = ? AND owner = ? AND line = ? AND item = ? AND location = ? AND lot = ? AND version = ?;

UPDATE oms_returns SET version = ? WHERE tenant = ? AND id = ? AND version = ?;

UPDATE oms_shipments SET version = ? WHERE tenant = ? AND id = ? AND version = ?;

UPDATE oms_stock_balances SET free = ?, soft = ?, committed = ?, picked = ?, packed = ?, qc = ?, damaged = ?, held = ? WHERE tenant = ? AND item = ? AND location = ? AND lot = ? AND free = ? AND soft = ? AND committed = ? AND picked = ? AND packed = ? AND qc = ? AND damaged = ? AND held = ?;

UPDATE oms_stock_balances SET free = free + ? WHERE tenant = ? AND item = ? AND location = ? AND lot = ? AND free + ? <= 1000000000000;

UPDATE oms_stock_balances SET soft = soft + ?, committed = committed + ? WHERE tenant = ? AND item = ? AND location = ? AND lot = ? AND soft + ? >= 0 AND committed + ? <= 1000000000000;
